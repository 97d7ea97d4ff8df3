package cli

import (
	"fmt"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/schema"
	"bitcycle/internal/strict"
)

type schemaCmd struct {
	Kind string `arg:"" help:"${schemas}."`
}

// Help shows examples.
func (schemaCmd) Help() string {
	return `JSON schemas say every key of a TOML file with its unit, default, what is allowed and what it means. Editors complete and
check by them: Taplo and its extensions where the first line of the file is #:schema ./machine.json. docs/reference.md is the
same to read.

Examples:
  bitcycle schema machine --out machine.json
  bitcycle schema workload | jq '.properties.op.items.properties | keys'`
}

// Run writes the schema.
func (c schemaCmd) Run(s *session) error {
	text := schema.Of(c.Kind)
	if text == nil {
		return input(unknown("kind of file", c.Kind, schema.Kinds()))
	}
	if s.Out != "" {
		return input(files.Save(s.Out, text))
	}
	_, err := s.stdout.Write(text)
	return err
}

// unknown is the error of a name that is none of a list's, with the one that was meant.
func unknown(what, name string, known []string) error {
	if guess := strict.Guess(name, known); guess != "" {
		return fmt.Errorf("no %s %q (did you mean %q?)", what, name, guess)
	}
	return fmt.Errorf("no %s %q: want one of %s", what, name, strings.Join(known, ", "))
}
