package arch

import "bitcycle/internal/strict"

// KeyError is a value that a machine cannot have.
type KeyError struct {
	Key   string // "array.rows"
	Value any
	Rule  string // what is allowed

	// other is the same problem as a fault of another key, for values that exclude
	// each other: [Load] names the one that was set last.
	other *KeyError
}

func (e *KeyError) Error() string { return e.Key + " = " + strict.Format(e.Value) + ": " + e.Rule }
