package reports

import "bitcycle/quantizers"

// Listed is a thing that is built in, or a file that was read.
type Listed struct{ Name, Kind, About string }

// List is the report of what is built in.
func List(things []Listed) *Document {
	return named("list", things, Text("name", "name"), Text("kind", "kind"), Text("description", "description"))
}

// Machine is a shipped machine and how it fares against figures of others.
type Machine struct {
	Listed
	Validated string
}

// Machines is the report of the shipped machines.
func Machines(machines []Machine) *Document {
	t := &Table{Name: "list", Columns: []Column{
		Text("name", "name").Ranked(Must), Text("kind", "kind").Ranked(Must), Prose("validated", "validated", 30).Ranked(Must), Text("description", "description").Ranked(Must),
	}}
	for _, m := range machines {
		t.Add(m.Name, m.Kind, m.Validated, m.About)
	}
	return &Document{Tables: []*Table{t}}
}

// Checked is the report of files that are valid.
func Checked(files []Listed) *Document {
	return named("files", files, Text("file", "file"), Text("kind", "kind"), Text("holds", "holds"))
}

// Method is the report of a method's arguments.
func Method(m quantizers.Info, args []quantizers.Argument) *Document {
	t := &Table{Name: "arguments", Title: "arguments of " + m.Name, Columns: []Column{
		Text("argument", "argument").Ranked(Must), Text("default", "default").Ranked(Must), Prose("takes", "takes", 28).Ranked(Must), Prose("meaning", "meaning", 40).Ranked(Must),
	}}
	for _, a := range args {
		t.Add(a.Key, a.Default, a.Allowed, m.Keys[a.Key])
	}
	doc := &Document{Answer: []string{m.Usage + ": " + m.About}}
	if len(args) > 0 {
		doc.Tables = []*Table{t}
	}
	return doc
}

func named(name string, things []Listed, columns ...Column) *Document {
	for i := range columns {
		columns[i].Rank = Must
	}
	t := &Table{Name: name, Columns: columns}
	for _, l := range things {
		t.Add(l.Name, l.Kind, l.About)
	}
	return &Document{Tables: []*Table{t}}
}

// Versions is the report of what the program was built from, and the
// instruction set that its kernels use.
func Versions(bitcycle, toolchain, kernels string) *Document {
	t := &Table{Name: "version", Columns: []Column{Text("what", "what"), Text("value", "value").Ranked(Must)}}
	t.Add("bitcycle", bitcycle)
	t.Add("go", toolchain)
	t.Add("kernels", kernels)
	return &Document{Tables: []*Table{t}}
}
