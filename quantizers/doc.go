// Package quantizers turns float networks into quantized ones. This package has
// what every method shares: scalar quantizers with optimal clips, calibration
// of activations, re-estimation of batch statistics, policies and their files,
// and the interface that methods implement. Each method is a package below.
package quantizers
