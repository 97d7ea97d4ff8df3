package cli

import (
	"bitcycle/internal/files"
	"bitcycle/internal/schema"
	"bitcycle/internal/strict"
)

type schemaCmd struct {
	Kind string `arg:"" predictor:"schemas" help:"${schemas}."`
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
		return input(strict.Unknown("kind of file", c.Kind, schema.Kinds()))
	}
	if s.Out != "" {
		return input(files.Save(s.Out, text))
	}
	_, err := s.stdout.Write(text)
	return err
}
