package sweep

import (
	"context"
	"fmt"
	"strings"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// Shipped is a sweep in the binary.
type Shipped struct{ Name, Description string }

// List returns the shipped sweeps in the order of their names.
func List() []Shipped {
	entries, err := archconfigs.Files.ReadDir("sweeps")
	if err != nil {
		panic("sweep: " + err.Error())
	}
	var list []Shipped
	for _, e := range entries {
		s, err := Load(strings.TrimSuffix(e.Name(), ".toml"))
		if err != nil {
			panic("sweep: " + err.Error())
		}
		list = append(list, Shipped{s.Name, s.Description})
	}
	return list
}

// Load reads a sweep: a shipped one by name, or a TOML file. The error lists every
// problem, each with its place, key, value and what is allowed.
func Load(nameOrPath string) (*Spec, error) {
	if !strings.ContainsAny(nameOrPath, `/\.`) {
		text, err := archconfigs.Files.ReadFile("sweeps/" + nameOrPath + ".toml")
		if err == nil {
			return parse(nameOrPath+".toml", text, false)
		}
		return nil, unknownName(nameOrPath)
	}
	text, err := files.Read(context.Background(), nameOrPath, files.Document)
	if err != nil {
		return nil, err
	}
	return Parse(nameOrPath, text)
}

func unknownName(name string) error {
	var names []string
	entries, err := archconfigs.Files.ReadDir("sweeps")
	if err != nil {
		return err
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".toml"))
	}
	if guess := strict.Guess(name, names); guess != "" {
		return fmt.Errorf("no sweep %q (did you mean %q?)", name, guess)
	}
	return fmt.Errorf("no sweep %q: want a file or one of %s", name, strings.Join(names, ", "))
}
