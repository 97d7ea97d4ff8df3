package proof

import "bitcycle/reports"

// Left is a row of a measured set that is not compared.
type Left struct {
	ID   string `json:"id"`   // of the row, "" where it has none
	What string `json:"what"` // its network, system or shape
	Why  string `json:"why"`  // it is not compared
}

// LeftOf are the rows of a file that are not compared.
type LeftOf struct {
	File string `json:"file"`
	Left []Left `json:"left"`
}

// LeftTable shows every row that is not compared, and why.
func LeftTable(sets []LeftOf) *reports.Table {
	t := &reports.Table{Name: "left", Title: "rows that are not compared", Columns: []reports.Column{
		reports.Text("file", "file"), reports.Text("id", "id").Ranked(reports.Must), reports.Prose("what", "what", 40), reports.Prose("why", "why", 40).Ranked(reports.Must),
	}}
	for i := range sets {
		for _, left := range sets[i].Left {
			t.Add(sets[i].File, left.ID, left.What, left.Why)
		}
	}
	return t
}
