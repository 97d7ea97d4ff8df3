// Package yardstick measures how good the outputs of a network are by what is known of
// its images: classes, numbers, boxes, the tokens that follow, the text they read.
//
// A [Yardstick] sees the outputs of one image at a time and gives its figures for any
// choice of images, so that intervals of all of them come from one rule: a thousand
// samples of the images with replacement (Efron, Annals of Statistics 7, 1979), the same
// samples for the quantized and the float network, whose difference is paired thereby.
// [Of] finds the yardstick of a network and a data set.
package yardstick
