package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bitcycle/sim/sweep"
)

// besideRows bounds the points of tables with measured figures on a terminal and a page.
const besideRows = 300

// besideTables are all points beside measured figures, a table a workload or network: what
// the others vary, ours and theirs of each figure, and whether it has room.
func besideTables(t *sweep.Table) []*Table {
	if len(t.Measured) == 0 || t.Len() > besideRows {
		return nil
	}
	order := besideOrder(t)
	subject := slices.IndexFunc(t.Keys, func(key string) bool { return key == "workload" || key == "network" })
	var tables []*Table
	var last string
	for _, i := range order {
		of := ""
		if subject >= 0 {
			of = t.Values(i)[subject]
		}
		if len(tables) == 0 || of != last {
			tables, last = append(tables, besideTable(t, subject, of, len(tables))), of
		}
		addBeside(tables[len(tables)-1], t, i, subject)
	}
	return tables
}

// besideOrder sorts points by what is run, on what, then as they are.
func besideOrder(t *sweep.Table) []int {
	var keys []int
	for _, name := range []string{"workload", "network", "machine"} {
		if k := slices.Index(t.Keys, name); k >= 0 {
			keys = append(keys, k)
		}
	}
	first := make([]map[string]int, len(t.Keys)) // where a value is met
	order := make([]int, t.Len())
	for i := range order {
		order[i] = i
		for _, k := range keys {
			if first[k] == nil {
				first[k] = map[string]int{}
			}
			if _, met := first[k][t.Values(i)[k]]; !met {
				first[k][t.Values(i)[k]] = i
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		for _, k := range keys {
			if d := first[k][t.Values(a)[k]] - first[k][t.Values(b)[k]]; d != 0 {
				return d
			}
		}
		return 0
	})
	return order
}

// besideTable is an empty table: for people with what matters, for files with everything.
func besideTable(t *sweep.Table, subject int, of string, n int) *Table {
	out := &Table{Name: "measured", Title: "ours beside measured figures", Files: &Table{}}
	if subject >= 0 {
		out.Name, out.Title = fmt.Sprintf("measured_%d", n+1), of+": ours beside measured figures"
	}
	for _, k := range besideKeys(t, subject) {
		out.Columns = append(out.Columns, keyColumn(t, t.Keys[k]).Ranked(Must))
	}
	for _, key := range t.Keys {
		column := keyColumn(t, key).ID()
		column.Head = key
		out.Files.Columns = append(out.Files.Columns, column)
	}
	for _, m := range t.Measured {
		metric := &sweep.Metrics[m]
		name, unit, _ := strings.Cut(strings.ReplaceAll(metric.Head, "/image", ""), " ")
		out.Columns = append(out.Columns, Number(metric.Key, strings.TrimSpace(name+" "+unit)).Ranked(Must), Number("measured", strings.TrimSpace("measured "+unit)).Ranked(Must))
		theirs := metricColumn(m)
		theirs.Key, theirs.Head = "measured_"+theirs.Key, "measured "+theirs.Head
		out.Files.Columns = append(out.Files.Columns, metricColumn(m), theirs, Percent("error_"+metric.Key, "error [%]", 1))
	}
	out.Columns = append(out.Columns, Text("fit", "memory").Ranked(Must), Text("room", "room").Ranked(10))
	out.Files.Columns = append(out.Files.Columns,
		Number("measured_rows", "rows"), Text("kernel", "kernel"), Text("fit", "memory"), Text("room", "room"), Text("measured_source", "source"), Text("energy_source", ""), Text("id", ""))
	return out
}

// besideKeys are the keys of the table for people, the machine first.
func besideKeys(t *sweep.Table, subject int) []int {
	var keys []int
	if k := slices.Index(t.Keys, "machine"); k >= 0 {
		keys = append(keys, k)
	}
	for k, key := range t.Keys {
		if k != subject && key != "machine" {
			keys = append(keys, k)
		}
	}
	return keys
}

func addBeside(out *Table, t *sweep.Table, i, subject int) {
	b := t.Beside(i)
	values := t.Values(i)
	var cells, full []any
	for n, k := range besideKeys(t, subject) {
		cell := keyCell(values[k])
		if n == 0 && t.Keys[k] == "machine" && len(out.Files.Rows) > 0 && out.Files.Rows[len(out.Files.Rows)-1][k] == cell {
			cell = nil // said above
		}
		cells = append(cells, cell)
	}
	for _, v := range values {
		full = append(full, keyCell(v))
	}
	for k, m := range t.Measured {
		ours, theirs := t.Value(i, m), b.Measured[k]
		full = append(full, finite(ours), finite(theirs), finite(ours/theirs-1))
		text := besideText(ours, m)
		if b.Kernel != "" {
			text = b.Kernel
		}
		cells = append(cells, text, besideText(theirs, m))
	}
	fit, _, _ := strings.Cut(b.Fit, ":")
	if e := t.Error(i); e != "" {
		fit = firstLine(e)
	}
	out.Add(append(cells, fit, b.Room)...)
	out.Files.Add(append(full, b.Rows, b.Kernel, b.Fit, b.Room, b.Source, b.Energy, t.ID(i).String())...)
}

// besideText has three significant digits and no power of ten, as measured figures of
// boards are read.
func besideText(x float64, metric int) string {
	if math.IsNaN(x) {
		return ""
	}
	x /= sweep.Metrics[metric].Unit
	digits := 2 - int(math.Floor(math.Log10(math.Abs(x))))
	if x == 0 || digits < 0 {
		digits = 0
	}
	return strconv.FormatFloat(x, 'f', min(digits, 9), 64)
}

// besideAssumptions say what measured figures are and are not.
func besideAssumptions(t *sweep.Table) []string {
	lines := []string{"measured figures are those of " + t.Spec.Measured + ", the mean where there are several rows; an empty cell has no row"}
	machine, told := slices.Index(t.Keys, "machine"), map[string]bool{}
	for i := range t.Len() {
		text := t.Beside(i).Energy
		if strings.Contains(text, "UNCONFIRMED") && !told[text] {
			told[text] = true
			name := t.Spec.Base.Settings["machine"]
			if machine >= 0 {
				name = t.Values(i)[machine]
			}
			lines = append(lines, "energy of "+name+" and the like: "+text)
		}
	}
	for i := range t.Len() {
		if t.Beside(i).Kernel != "" {
			return append(lines, "where a machine has no kernel for weights so narrow, the table names the one that it has: nothing is extrapolated (files have the figures of that kernel)")
		}
	}
	return lines
}
