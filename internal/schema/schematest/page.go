package schematest

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// Read reads the text of a schema.
func Read(text []byte) (*Node, error) {
	n := &Node{}
	return n, json.Unmarshal(text, n)
}

// Page is a chapter of the reference: every key of a schema.
func Page(n *Node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s.\n", upper(n.Title), markdown(strings.TrimSuffix(n.Description, ".")))
	section(&b, "", []string{""}, n)
	return b.String()
}

// section writes the keys of a table, which may stand under several names.
func section(b *strings.Builder, prefix string, names []string, n *Node) {
	var rows []Property
	var tables Properties
	for _, p := range n.Properties {
		switch {
		case len(p.Properties) > 0, p.Items != nil && len(p.Items.Properties) > 0:
			tables = append(tables, p)
		default:
			rows = append(rows, p)
		}
	}
	if prefix != "" {
		heads := make([]string, len(names))
		for i, name := range names {
			heads[i] = "`" + name + "`"
		}
		fmt.Fprintf(b, "\n### %s\n", strings.Join(heads, ", "))
		if n.Description != "" {
			fmt.Fprintf(b, "\n%s.\n", markdown(upper(n.Description)))
		}
	}
	writeRows(b, rows)
	for len(tables) > 0 {
		first := tables[0]
		alike := []string{head(prefix, first)}
		rest := tables[:0:0]
		for _, other := range tables[1:] {
			if reflect.DeepEqual(keysOf(first.Node), keysOf(other.Node)) {
				alike = append(alike, head(prefix, other))
			} else {
				rest = append(rest, other)
			}
		}
		tables = rest
		inner := first.Node
		if inner.Items != nil {
			inner = inner.Items
		}
		section(b, prefix+first.Name+".", alike, inner)
	}
}

// head is the header of a table as TOML has it.
func head(prefix string, p Property) string {
	if p.Items != nil {
		return "[[" + prefix + p.Name + "]]"
	}
	return "[" + prefix + p.Name + "]"
}

// keysOf are what two tables must have in common to be shown as one.
func keysOf(n *Node) []string {
	var keys []string
	for _, p := range n.Properties {
		keys = append(keys, p.Name+p.Description+allowed(p.Node, false)+defaults(p.Node)+strings.Join(keysOf(p.Node), " "))
	}
	return keys
}

func writeRows(b *strings.Builder, rows []Property) {
	if len(rows) == 0 {
		return
	}
	some := slices.ContainsFunc(rows, func(p Property) bool { return p.Only != nil })
	b.WriteString("\n| key | takes | default |")
	if some {
		b.WriteString(" read by |")
	}
	b.WriteString(" meaning |\n|---|---|---|")
	if some {
		b.WriteString("---|")
	}
	b.WriteString("---|\n")
	for _, p := range rows {
		fmt.Fprintf(b, "| `%s` | %s | %s |", p.Name, markdown(allowed(p.Node, true)), markdown(defaults(p.Node)))
		if some {
			only := strings.Join(p.Only, ", ")
			if only == "" {
				only = "all"
			}
			fmt.Fprintf(b, " %s |", only)
		}
		fmt.Fprintf(b, " %s |\n", markdown(meaning(p.Node)))
	}
}

// meaning is the description with the rules in words.
func meaning(n *Node) string {
	text := n.Description
	for _, r := range n.Rules {
		if !strings.HasPrefix(r, "default: ") {
			text += "; " + r
		}
	}
	return text
}

func upper(text string) string {
	if text == "" || text[0] == '`' {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// allowed says in words what a key takes.
func allowed(n *Node, unit bool) string {
	text := takes(n)
	if !unit || n.Unit == "" {
		return text
	}
	if number, after, ok := strings.Cut(text, ", or "); ok {
		return number + ", " + n.Unit + ", or " + after
	}
	return text + ", " + n.Unit
}

func takes(n *Node) string {
	switch {
	case n.Takes != "":
		return n.Takes
	case len(n.AnyOf) > 0:
		return either(n)
	case len(n.Enum) > 0:
		words := make([]string, len(n.Enum))
		for i, v := range n.Enum {
			words[i] = value(v)
		}
		return strings.Join(words, " ")
	case n.Const != nil:
		return value(n.Const)
	}
	switch n.Type {
	case "boolean":
		return "`true` `false`"
	case "string":
		return "text"
	case "array":
		if len(n.Items.Enum) > mostWords {
			return "list of keys"
		}
		return strings.TrimSpace("list" + count(n) + " of " + strings.Replace(takes(n.Items)+" ", "number ", "numbers ", 1))
	case "object":
		if of, ok := n.Additional.(map[string]any); ok && of["type"] == "number" {
			return "table of numbers"
		}
		return "table of texts"
	}
	return interval(n)
}

func either(n *Node) string {
	for _, one := range n.AnyOf[1:] {
		if len(one.Properties) > 0 {
			return takes(n.AnyOf[0]) + ", or with its source"
		}
		if one.Type == "string" {
			units := one.Pattern[strings.LastIndex(one.Pattern, "(")+1 : strings.LastIndex(one.Pattern, ")")]
			return takes(n.AnyOf[0]) + ", or text with its unit: " + strings.ReplaceAll(units, "|", " ")
		}
	}
	words := make([]string, len(n.AnyOf))
	for i, one := range n.AnyOf {
		words[i] = takes(one)
	}
	return strings.Join(words, ", or ")
}

func count(n *Node) string {
	switch {
	case n.MaxItems == 0 && n.MinItems == 0:
		return ""
	case n.MinItems == n.MaxItems:
		return fmt.Sprintf(" of %d", n.MinItems)
	}
	return fmt.Sprintf(" of %d to %d", n.MinItems, n.MaxItems)
}

func interval(n *Node) string {
	kind := map[string]string{"integer": "whole number", "number": "number"}[n.Type]
	switch {
	case n.Minimum != nil && n.Maximum != nil:
		return fmt.Sprintf("%s %s to %s", kind, decimal(*n.Minimum), decimal(*n.Maximum))
	case n.ExclusiveMinimum != nil && n.Maximum != nil:
		return fmt.Sprintf("%s above %s to %s", kind, decimal(*n.ExclusiveMinimum), decimal(*n.Maximum))
	case n.Minimum != nil:
		return kind + " from " + decimal(*n.Minimum)
	}
	return kind
}

// mostWords are how many words of a list the page shows.
const mostWords = 16

// decimal writes a number: large powers of two as such.
func decimal(x float64) string {
	if fraction, exponent := math.Frexp(x); fraction == 0.5 && exponent > 20 {
		return fmt.Sprintf("2^%d", exponent-1)
	}
	return strings.NewReplacer("e+0", "e", "e-0", "e-", "e+", "e").Replace(strconv.FormatFloat(x, 'g', -1, 64))
}

// value writes a value as TOML has it.
func value(v any) string {
	switch v := v.(type) {
	case float64:
		return "`" + decimal(v) + "`"
	case []any:
		items := make([]string, len(v))
		for i, x := range v {
			items[i] = strings.Trim(value(x), "`")
		}
		return "`[" + strings.Join(items, ", ") + "]`"
	case map[string]any:
		return ""
	}
	return "`" + strict.Format(v) + "`"
}

// defaults says what an absent key stands for.
func defaults(n *Node) string {
	for _, r := range n.Rules {
		if text, ok := strings.CutPrefix(r, "default: "); ok {
			return text
		}
	}
	if n.Default != nil {
		return value(n.Default)
	}
	var order []string
	names := map[string][]string{}
	for _, d := range n.Defaults {
		text := value(d.Value)
		if names[text] == nil {
			order = append(order, text)
		}
		names[text] = append(names[text], d.Name)
	}
	for i, text := range order {
		order[i] = strings.Join(names[text], ", ") + " " + text
	}
	return strings.Join(order, "; ")
}

func markdown(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
