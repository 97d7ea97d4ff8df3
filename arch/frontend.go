package arch

// FrontEnd is the radio side of a massive-MIMO base station: antennas, data
// converters, the Sigma-Delta modulator before them, radio-frequency chains,
// power amplifiers, fronthaul, and the accelerator that computes the precoder.
// Widths are in bits, frequencies in Hz; powers are per item unless they say
// otherwise.
type FrontEnd struct {
	Schema      int    `toml:"schema"`      // version of the format
	Kind        string `toml:"kind"`        // tells front ends from machines
	Name        string `toml:"name"`        // how reports call the front end; the file's name unless given
	Description string `toml:"description"` // one line for lists
	Direction   string `toml:"direction"`   // to the users (downlink) or from them (uplink)
	// Accelerator is the machine that runs the precoder or detector, by shipped
	// name or path.
	Accelerator    string   `toml:"accelerator"`
	AcceleratorSet []string `toml:"accelerator_set"` // key=value settings on top of that machine

	Antennas  Antennas  `toml:"array"`
	Signal    Signal    `toml:"signal"`
	Job       Job       `toml:"job"`
	Words     Words     `toml:"words"`
	Converter Converter `toml:"converter"`
	Modulator Modulator `toml:"modulator"`
	RF        RF        `toml:"rf"`
	PA        PA        `toml:"pa"`
	Fronthaul Fronthaul `toml:"fronthaul"`
	Digital   Digital   `toml:"digital"`

	// Sources tells where values other than constants come from, by key or table.
	Sources map[string]string `toml:"sources"`
	// Unconfirmed lists the keys whose values could not be read at a source.
	Unconfirmed []string `toml:"unconfirmed"`
}

// Antennas is the array.
type Antennas struct {
	Geometry string  `toml:"geometry"`            // a line (ula), a rectangle (planar), or none: independent fading (rayleigh)
	Count    int     `toml:"antennas"`            // of the whole array
	Rows     int     `toml:"rows"`                // of a planar array
	Spacing  float64 `toml:"spacing_wavelengths"` // between neighbours
	Carrier  float64 `toml:"carrier_hz"`          // carrier frequency
}

// Signal is what is sent.
type Signal struct {
	BandwidthHz float64 `toml:"bandwidth_hz"` // symbol vectors per second
	// Oversampling is converter samples per symbol; the modulator runs at the
	// sample rate too.
	Oversampling float64 `toml:"oversampling"`
	// CoherenceUses is the symbol vectors for which the channel holds: the
	// precoder matrix is computed once for each such block.
	CoherenceUses int  `toml:"coherence_uses"`
	OFDM          bool `toml:"ofdm"` // an inverse transform before every antenna
}

// Job is what the front end does by default. Names of precoders and detectors
// are those of package mimo.
type Job struct {
	Users         int     `toml:"users"`          // served at once
	QAM           int     `toml:"qam"`            // points of the constellation
	Symbols       int     `toml:"symbols"`        // vectors precoded together
	Precoder      string  `toml:"precoder"`       // of the downlink, see list precoders
	Detector      string  `toml:"detector"`       // of the uplink
	Iterations    int     `toml:"iterations"`     // of precoders that iterate; 0 = their own number
	Headroom      float64 `toml:"headroom"`       // of the modulator's input over its amplitude bound
	SectorDeg     float64 `toml:"sector_deg"`     // users are within plus and minus this many degrees of broadside
	SeparationDeg float64 `toml:"separation_deg"` // least angle between users in degrees
}

// Words are the widths of the precoder's product: the matrix is the weights, the
// symbols are the activations.
type Words struct {
	MatrixBits int `toml:"matrix_bits"` // of the precoder matrix
	SymbolBits int `toml:"symbol_bits"` // of the symbols
	SampleBits int `toml:"sample_bits"` // of the product, before modulator or converter
	// ComplexProducts is the real multiplications of a complex one: 4, or 3 in
	// Karatsuba's form.
	ComplexProducts int `toml:"complex_products"`
}

// Converter is one data converter; every antenna has two, I and Q. All models
// are evaluated; Model names the one that totals use.
type Converter struct {
	Bits int `toml:"bits"` // resolution
	// Model is the one that totals use: by figure of merit (fom), binary-weighted (binw),
	// or exponential (exp); all are evaluated.
	Model string `toml:"model"`
	// FOM, fom: power is FOM · 2^bits · sample rate, plus the output buffer.
	FOM    Constant `toml:"fom_pj"`
	Buffer Constant `toml:"buffer_mw"` // fom: the output buffer, where there is one
	// Static, binw: power is Static · 2^bits + Dynamic · bits · sample rate.
	Static  Constant `toml:"binw_static_w"`
	Dynamic Constant `toml:"binw_dynamic_pj"` // binw: of a bit of a sample
	Exp     Constant `toml:"exp_w"`           // exp: power is this · 2^bits
}

// Modulator is the spatial Sigma-Delta modulator in hardware.
type Modulator struct {
	Kind string `toml:"kind"` // none, noise away from broadside (plain), away from a direction (steered), or adapted to the channel of one user (adaptive)
	// SteerDeg is the direction without noise of a steered modulator, in degrees from
	// broadside, for precoders of several users; that of one user steers to the user.
	SteerDeg float64 `toml:"steer_deg"`
	Order    int     `toml:"order"`  // of the noise shaping
	Levels   int     `toml:"levels"` // of its quantizer
	// SubChains cuts the recursion along the antennas into independent ones.
	SubChains int `toml:"sub_chains"`
	// Units are the recursion units, each one stage every CyclesPerStage. One per
	// sub-chain walks the antennas one after the other; as many as antennas are a
	// pipeline of one vector per stage, twice as many two pipelines side by side.
	Units          int     `toml:"units"`
	CyclesPerStage int     `toml:"cycles_per_stage"` // of one antenna
	ClockHz        float64 `toml:"clock_hz"`         // of the recursion units
	FractionBits   int     `toml:"fraction_bits"`    // words are a sign, integer bits for the levels, and these
	// Add is the energy of an addition for each bit of its words, at the node of digital.
	Add      Constant `toml:"add_pj_per_bit"`
	Register Constant `toml:"register_pj_per_bit"` // of a word that is kept
	Multiply Constant `toml:"multiply_pj"`         // of a real product of a steered stage
}

// RF is the radio-frequency chain of one antenna and what all share.
type RF struct {
	Mixer     Constant `toml:"mixer_mw"`     // of each antenna, with its local oscillator's drive
	VCO       Constant `toml:"vco_mw"`       // oscillator of each antenna
	PreDriver Constant `toml:"predriver_mw"` // amplifier before the power amplifier, of each antenna
	Antenna   Constant `toml:"antenna_mw"`   // anything else of each antenna
	SharedLO  Constant `toml:"shared_lo_mw"` // local oscillator that all share
	Fixed     Constant `toml:"fixed_mw"`     // anything else that all share
}

// PA is the power amplifiers together.
type PA struct {
	// Model of the efficiency: saturated (constant envelope), doherty (mean over a
	// Rayleigh envelope), class-a, class-b, or fixed.
	Model     string   `toml:"model"`
	Peak      Constant `toml:"peak_efficiency"`  // at full output
	Fixed     Constant `toml:"fixed_efficiency"` // of the fixed model, whatever the back-off
	BackoffDB float64  `toml:"backoff_db"`       // of the mean power below the peak
	RadiatedW float64  `toml:"radiated_w"`       // of all antennas
}

// Fronthaul is the link between the baseband unit and the antennas.
type Fronthaul struct {
	Mode     string   `toml:"mode"`              // what travels: nothing, samples of each antenna, or symbols of the users, precoded at the array
	Energy   Constant `toml:"energy_pj_per_bit"` // of a bit that travels
	RateGbps float64  `toml:"rate_gbps"`         // limits the link; 0 = no limit
}

// Digital is baseband logic outside the accelerator.
type Digital struct {
	TechNm  float64  `toml:"technology_nm"` // node of the logic, which its constants are scaled to
	OpPJ    Constant `toml:"op_pj"`         // one real operation
	IFFTOps Constant `toml:"ifft_ops"`      // real operations of an inverse transform per sample and antenna
}
