package dram

// Energy is the energy of a rank in pJ by cause, without I/O termination.
type Energy struct {
	ActPre, Read, Write, Refresh, Background float64
}

// Total returns the sum of all causes in pJ.
func (e Energy) Total() float64 {
	return e.ActPre + e.Read + e.Write + e.Refresh + e.Background
}

// Energy charges the commands counted so far and the background power from
// clock 0 to clocks, or to the end of the last data if that is later:
//
//	E = Act·E_act,pre + Rd·E_read + Wr·E_write + Ref·E_ref
//	    + (P_precharged·t_precharged + P_active·(t − t_precharged))
//
// after Micron's TN-41-01 "Calculating Memory System Power for DDR3", with
// P_precharged while no bank is open.
func (c *Channel) Energy(clocks int64) Energy {
	clocks = max(clocks, c.stats.Last)
	closed := c.closed
	if c.open == 0 {
		closed += clocks - c.shutAt
	}
	e, s := &c.spec.Energy, &c.stats
	return Energy{
		ActPre:  float64(s.Act) * e.ActPrePJ.Value,
		Read:    float64(s.Rd) * e.ReadPJ.Value,
		Write:   float64(s.Wr) * e.WritePJ.Value,
		Refresh: float64(s.Ref) * e.RefreshNJ.Value * 1e3,
		// mW·ns = pJ
		Background: c.spec.TCKNs * (float64(closed)*e.PrechargedMW.Value + float64(clocks-closed)*e.ActiveMW.Value),
	}
}
