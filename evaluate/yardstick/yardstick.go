package yardstick

import (
	"fmt"

	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

// Output is an output of a network for one image, in the order of axes of its file.
type Output struct {
	Name   string
	Dims   []int // without those of images
	Values []float32
}

// Seen is what a yardstick keeps of the outputs for one image.
type Seen any

// Yardstick judges a network's outputs.
type Yardstick interface {
	// Task names what the network does: "detection".
	Task() string
	// Unit names what it is judged on, images for most: "lines".
	Unit() string
	// Scales are the figures; the first is the one that counts.
	Scales() []Scale
	// See looks at the outputs for image i.
	See(i int, outputs []Output) (Seen, error)
	// Count is how many units image i is.
	Count(i int) int
	// Score returns the figures over images that were seen, each counted so many times.
	Score(seen []Seen) func(times []int) []float64
}

// Scale is a figure: its name in files, its title for people.
type Scale struct {
	Name, Title string
	Percent     bool // a share
	Less        bool // less is better
}

// Of returns the yardstick of a network on images by what is known of them, nil if
// nothing is but classes, or nothing at all.
func Of(network *netfile.File, images *dataset.Images) (Yardstick, error) {
	switch {
	case images.Boxes != nil:
		if network.Detect == nil {
			return nil, fmt.Errorf("data set %q has boxes: the network file of %s must say under [detect] what its outputs mean", images.Name, network.Name)
		}
		in := network.Net.InputShape()
		return &detection{network.Detect, images, network.LabelOffset, [2]int{in.W, in.H}}, nil
	case images.Next != nil:
		return &language{images}, nil
	case images.Texts != nil:
		if network.Text == nil {
			return nil, fmt.Errorf("data set %q has texts: the network file of %s must name under [text] the dictionary of its outputs", images.Name, network.Name)
		}
		return &reading{network.Text, images}, nil
	case images.Targets != nil:
		return &regression{images}, nil
	}
	return nil, nil
}
