package proof

import (
	"encoding/json"
	"errors"

	"bitcycle/reports"
)

// Read makes the tables of a stored result of validate or reproduce again: a kind of
// results for [reports.Read].
func Read(result json.RawMessage) (tables []*reports.Table, ok bool, err error) {
	switch {
	case reports.Has(result, "sources"):
		tables, err = readSources(result)
		return tables, true, err
	case reports.Has(result, "claims"):
		tables, err = readClaims(result)
		return tables, true, err
	}
	return nil, false, nil
}

func readSources(result json.RawMessage) ([]*reports.Table, error) {
	var r struct {
		Sources []Source `json:"sources"`
		Sets    []LeftOf `json:"sets"`
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return nil, err
	}
	tables := []*reports.Table{SourceTable(r.Sources)}
	rows, left := RowTable(r.Sources), LeftTable(r.Sets)
	if left.FilesOnly = len(rows.Rows) == 0; !left.FilesOnly {
		tables = append(tables, rows)
	}
	return append(tables, left), nil
}

func readClaims(result json.RawMessage) ([]*reports.Table, error) {
	var r struct {
		Claims []Claim         `json:"claims"`
		Tables json.RawMessage `json:"tables"`
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return nil, err
	}
	var tables []*reports.Table
	if len(r.Claims) > 0 {
		tables = append(tables, ClaimTable(r.Claims))
	}
	if more, err := reports.ReadTables(r.Tables); err == nil { // there may be none
		tables = append(tables, more...)
	}
	if len(tables) == 0 {
		return nil, errors.New("neither claims nor tables")
	}
	return tables, nil
}
