package cli

import (
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// parse reads a command line. One that begins with a command is read by the grammar of
// that command alone, because the flags of all of them take longer than many a report; what
// that grammar does not understand, and help, are for the whole one.
func parse(grammar any, g *globals, args []string, stdout, stderr io.Writer) (*kong.Kong, *kong.Context, error) {
	if command := commandOf(grammar, args); command != nil {
		parser := newParser(g, stdout, stderr, command)
		if parsed, err := parser.Parse(args); err == nil {
			return parser, parsed, nil
		}
	}
	parser := newParser(grammar, stdout, stderr)
	completeLine(parser)
	parsed, err := parser.Parse(args)
	return parser, parsed, err
}

// commandOf finds the command that a line begins with, nil if the whole grammar is wanted.
func commandOf(grammar any, args []string) kong.Option {
	if len(args) == 0 || os.Getenv("COMP_LINE") != "" || slices.ContainsFunc(args, func(arg string) bool { return arg == "--help" || arg == "-h" }) {
		return nil
	}
	return commandIn(reflect.ValueOf(grammar).Elem(), args[0])
}

// commandIn finds a command of this package by its name.
func commandIn(grammar reflect.Value, name string) kong.Option {
	for i := range grammar.NumField() {
		field := grammar.Type().Field(i)
		_, isCommand := field.Tag.Lookup("cmd")
		switch {
		case field.Anonymous:
			if command := commandIn(grammar.Field(i), name); command != nil {
				return command
			}
		case isCommand && field.Type.PkgPath() == reflect.TypeFor[globals]().PkgPath() && strings.ToLower(field.Name) == name:
			return kong.DynamicCommand(name, field.Tag.Get("help"), "", grammar.Field(i).Addr().Interface())
		}
	}
	return nil
}
