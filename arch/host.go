package arch

// Host is the processor that drives the machine. Its time is a cause of its own.
type Host struct {
	// TrialCycles is for each call that a tiling rule of its library tries.
	TrialCycles float64 `toml:"trial_cycles"`
	CallCycles  int     `toml:"call_cycles"` // to issue a call to the units, beside their work
	// ImageUs is what it takes to start an image and to take its results, in µs.
	ImageUs float64 `toml:"image_us"`
	// NsPerByte is what it takes to prepare a byte of the input, in ns. In a long run the next
	// image is prepared while the machine works.
	NsPerByte float64 `toml:"ns_per_byte"`
}

func (h *Host) check(r *rules) {
	r.within("host.trial_cycles", h.TrialCycles, 0, maxRate)
	r.count("host.call_cycles", h.CallCycles, 0, 1<<20)
	r.within("host.image_us", h.ImageUs, 0, maxRate)
	r.within("host.ns_per_byte", h.NsPerByte, 0, maxRate)
}
