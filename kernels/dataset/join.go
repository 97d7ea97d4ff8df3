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

// join puts sets of one size and storage one after the other.
func join(sets []*Images) (*Images, error) {
	all := *sets[0]
	for _, next := range sets[1:] {
		switch {
		case next.H != all.H || next.W != all.W || next.C != all.C:
			return nil, fmt.Errorf("%s has images of %d×%d×%d, %s of %d×%d×%d", sets[0].Name, all.C, all.H, all.W, next.Name, next.C, next.H, next.W)
		case (next.Pixels == nil) != (all.Pixels == nil) || (next.Labels == nil) != (all.Labels == nil):
			return nil, fmt.Errorf("%s and %s differ in storage or labels", sets[0].Name, next.Name)
		}
		all.N += next.N
		all.Pixels = append(all.Pixels[:len(all.Pixels):len(all.Pixels)], next.Pixels...)
		all.Values = append(all.Values[:len(all.Values):len(all.Values)], next.Values...)
		all.Labels = append(all.Labels[:len(all.Labels):len(all.Labels)], next.Labels...)
	}
	return &all, nil
}
