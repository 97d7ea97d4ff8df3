package strict

import "errors"

// Ints is a list of whole numbers that may be written as a single one, 3 for [3].
type Ints []int

// read takes 3 or [3, 4].
func (v *Ints) read(data any) error {
	list, ok := data.([]any)
	if !ok {
		list = []any{data}
	}
	for _, item := range list {
		n, whole := item.(int64)
		if !whole {
			return errors.New("want a whole number or a list of them")
		}
		*v = append(*v, int(n))
	}
	return nil
}
