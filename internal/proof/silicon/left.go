package silicon

import "bitcycle/reports"

// LeftTable shows every row that is not compared, and why.
func LeftTable(tallies []Tally) *reports.Table {
	t := &reports.Table{Name: "left", Title: "rows that are not compared", Columns: []reports.Column{
		reports.Text("file", "file"), reports.Text("id", "id").Ranked(reports.Must), reports.Prose("what", "what", 40), reports.Prose("why", "why", 40).Ranked(reports.Must),
	}}
	for i := range tallies {
		for _, left := range tallies[i].Left {
			t.Add(tallies[i].File, left.ID, left.What, left.Why)
		}
	}
	return t
}
