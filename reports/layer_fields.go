package reports

// layerFields are the columns of a layer in files: those of [LayerResult] in JSON, with
// the parts of its objects behind one another.
func layerFields() []Column {
	return append([]Column{Text("name", ""), Text("kind", ""), Text("shape", "")}, costFields()...)
}

func costFields() []Column {
	columns := []Column{Number("cycles", "")}
	for _, c := range causes {
		columns = append(columns, Number("stall_"+c.key+"_cycles", ""))
	}
	columns = append(columns, Number("latency_s", ""), Number("latency_per_image_s", ""), Number("energy_pj", ""))
	for _, c := range components {
		columns = append(columns, Number("energy_"+c.key+"_pj", ""))
	}
	return append(columns, Number("macs", ""), Number("utilisation", ""), Number("macs_per_cycle", ""), Number("peak_macs_per_cycle", ""), Number("macs_per_dram_byte", ""), Number("dram_read_bytes", ""), Number("dram_write_bytes", ""),
		Number("weight_bits_mean", ""), Number("weight_bits_min", ""), Number("weight_bits_max", ""), Number("act_bits", ""),
		Text("fit", ""), Number("resident_weight_bytes", ""), Number("resident_activation_bytes", ""),
		Number("sqnr_db", ""), Text("mapping", ""))
}

// addLayers appends layers behind values of the columns before theirs.
func (t *Table) addLayers(layers []LayerResult, before ...any) {
	for i := range layers {
		l := &layers[i]
		t.Add(append(append([]any{}, before...), append([]any{l.Name, l.Kind, l.Shape}, costCells(l)...)...)...)
	}
}

func costCells(l *LayerResult) []any {
	cells := []any{l.Cycles}
	for _, c := range causes {
		cells = append(cells, l.Stalls[c.key])
	}
	cells = append(cells, l.LatencyS, l.LatencyPerImageS, l.EnergyPJ)
	for _, c := range components {
		cells = append(cells, l.Energy[c.key])
	}
	return append(cells, l.MACs, l.Utilisation, l.MACsPerCycle, l.PeakMACsPerCycle, l.MACsPerDRAMByte, l.DRAMReadBytes, l.DRAMWriteBytes,
		l.WeightBitsMean, l.WeightBitsMin, l.WeightBitsMax, l.ActBits,
		l.Fit, l.ResidentWeightBytes, l.ResidentActivationBytes, orNil(l.SQNRDB), l.Mapping)
}

// totalsTable is one row: what the run costs and, where it was executed, loses.
func totalsTable(r *RunResult) *Table {
	t := &Table{Name: "totals", Title: "totals", FilesOnly: true, Columns: totalFields()}
	cells := totalCells(r)
	if r.Accuracy != nil {
		t.Columns, cells = append(t.Columns, accuracyFields(r.Accuracy.quality)...), append(cells, accuracyCells(r.Accuracy)...)
	}
	t.Add(cells...)
	return t
}

func totalFields() []Column {
	return append(costFields(), Number("interval_s", ""), Number("interval_per_image_s", ""), Number("weight_room_bytes", ""), Number("activation_room_bytes", ""))
}

func totalCells(r *RunResult) []any {
	return append(costCells(&r.Totals), r.IntervalS, r.IntervalPerImageS, room(r.WeightRoomBytes), room(r.ActivationRoomBytes))
}
