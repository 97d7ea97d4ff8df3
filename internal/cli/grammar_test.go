package cli

import (
	"io"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// The grammar of one command says of it what the whole one says, and reads the same.
func TestGrammarOfOneCommand(t *testing.T) {
	var whole commands
	all := newParser(&whole, io.Discard, io.Discard)
	narrow := 0
	for _, node := range all.Model.Children {
		var one commands
		command := commandOf(&one, []string{node.Name})
		if command == nil {
			continue
		}
		narrow++
		small := newParser(&one.globals, io.Discard, io.Discard, command)
		if n := len(small.Model.Children); n != 1 {
			t.Errorf("%s: %d commands", node.Name, n)
		}
		if got, want := outline(small.Model.Children[0]), outline(node); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", node.Name, got, want)
		}
	}
	if narrow < len(all.Model.Children)-1 {
		t.Errorf("%d of %d commands are read alone", narrow, len(all.Model.Children))
	}
}

// outline is everything that may be written after a command.
func outline(n *kong.Node) string {
	var b strings.Builder
	b.WriteString(n.Name + ": " + n.Help + "\n")
	for _, f := range n.Flags {
		b.WriteString(f.String() + " " + f.Help + " " + f.Default + "\n")
	}
	for _, p := range n.Positional {
		b.WriteString(p.Summary() + " " + p.Help + "\n")
	}
	for _, c := range n.Children {
		b.WriteString(outline(c))
	}
	return b.String()
}

// What the grammar of one command does not know is still understood.
func TestFlagsOfTheWholeGrammar(t *testing.T) {
	for _, args := range [][]string{{"run", "--version"}, {"list", "machines", "--man"}} {
		var out strings.Builder
		if status := Main(args, &out, io.Discard); status != exitDone || out.Len() == 0 {
			t.Errorf("%q: status %d, %q", args, status, out.String())
		}
	}
}
