package dataset

import (
	"fmt"
	"strings"
)

// parts splits "KIND:PATH+KIND:PATH" at every plus that a known kind follows.
func parts(set string) []string {
	var out []string
	start := 0
	for at := range len(set) {
		if set[at] != '+' {
			continue
		}
		kind, _, _ := strings.Cut(set[at+1:], ":")
		kind, _, _ = strings.Cut(kind, "[")
		if _, known := loaders[kind]; known {
			out, start = append(out, set[start:at]), at+1
		}
	}
	return append(out, set[start:])
}

// join puts sets of one size and kind one after the other.
func join(sets []*Images) (*Images, error) {
	if len(sets) == 1 {
		return sets[0], nil
	}
	all := sets[0].empty()
	for _, next := range sets {
		switch first := sets[0]; {
		case next.H != all.H || next.W != all.W || next.C != all.C:
			return nil, fmt.Errorf("%s has images of %d×%d×%d, %s of %d×%d×%d", sets[0].Name, all.C, all.H, all.W, next.Name, next.C, next.H, next.W)
		case next.kind() != first.kind():
			return nil, fmt.Errorf("%s and %s differ in storage or labels", sets[0].Name, next.Name)
		}
		all.add(next)
	}
	return all, nil
}

// kind tells what a set has for each image.
func (im *Images) kind() [8]bool {
	return [8]bool{im.Pixels == nil, im.Values == nil, im.Labels == nil, im.Targets == nil, im.Boxes == nil, im.Next == nil, im.Texts == nil, im.Places == nil}
}
