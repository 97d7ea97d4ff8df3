package sweep

import (
	"context"

	"bitcycle/sim/sweep/store"
)

// Outcomes reads which images each point of a folder got right, packed.
func Outcomes(ctx context.Context, folder string) (func(ID) string, error) {
	right := map[ID]string{}
	err := store.Each(ctx, folder, func(key store.Key, record []byte) error {
		r, err := ParseRecord(record)
		if err == nil && r.Right != "" {
			right[ID(key)] = r.Right
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return func(id ID) string { return right[id] }, nil
}
