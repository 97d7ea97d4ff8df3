package validate

import (
	"errors"
	"fmt"
	"io/fs"
)

// Run compares with everything in a folder of golden numbers. A source whose files
// are absent is left out; none at all is an error.
func Run(golden string) ([]Source, error) {
	var all []Source
	one := func(f func(string) (Source, error)) func() ([]Source, error) {
		return func() ([]Source, error) {
			s, err := f(golden)
			return []Source{s}, err
		}
	}
	two := func(f func(string) (Source, Source, error)) func() ([]Source, error) {
		return func() ([]Source, error) {
			a, b, err := f(golden)
			return []Source{a, b}, err
		}
	}
	many := func(f func(string) ([]Source, error)) func() ([]Source, error) {
		return func() ([]Source, error) { return f(golden) }
	}
	for _, f := range []func() ([]Source, error){
		one(func(golden string) (Source, error) { return Examples(examplesPath(golden)) }),
		two(ScaleSim), two(HAQ), one(FusionFixed), one(FusionSearch), one(FusionPublished), one(FusionFigures),
		two(DRAMsim3), two(CACTI), many(Tables), many(Chips),
	} {
		sources, err := f()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, s := range sources {
			if len(s.Detail) > 0 {
				all = append(all, s)
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no golden numbers found", golden)
	}
	return all, nil
}
