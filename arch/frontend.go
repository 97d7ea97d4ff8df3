package arch

// FrontEnd is the radio side of a massive-MIMO base station: antennas, data
// converters, the Sigma-Delta modulator before them, radio-frequency chains,
// power amplifiers, fronthaul, and the accelerator that computes the precoder.
// Widths are in bits, frequencies in Hz; powers are per item unless they say
// otherwise.
type FrontEnd struct {
	Schema      int    `toml:"schema"`
	Kind        string `toml:"kind"` // "frontend"
	Name        string `toml:"name"`
	Description string `toml:"description"`
	Direction   string `toml:"direction"` // downlink | uplink
	// Accelerator is the machine that runs the precoder or detector, by shipped
	// name or path, with AcceleratorSet on top.
	Accelerator    string   `toml:"accelerator"`
	AcceleratorSet []string `toml:"accelerator_set"`

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

	Sources     map[string]string `toml:"sources"`
	Unconfirmed []string          `toml:"unconfirmed"`
}

// Antennas is the array.
type Antennas struct {
	Geometry string  `toml:"geometry"` // ula | planar | rayleigh (no geometry: independent fading)
	Count    int     `toml:"antennas"`
	Rows     int     `toml:"rows"`                // of a planar array
	Spacing  float64 `toml:"spacing_wavelengths"` // between neighbours
	Carrier  float64 `toml:"carrier_hz"`
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
	Users         int     `toml:"users"`
	QAM           int     `toml:"qam"`      // points of the constellation
	Symbols       int     `toml:"symbols"`  // vectors precoded together
	Precoder      string  `toml:"precoder"` // downlink
	Detector      string  `toml:"detector"` // uplink: zf | mrc | lmmse
	Iterations    int     `toml:"iterations"`
	Headroom      float64 `toml:"headroom"` // of the modulator's input over its amplitude bound
	SectorDeg     float64 `toml:"sector_deg"`
	SeparationDeg float64 `toml:"separation_deg"`
}

// Words are the widths of the precoder's product: the matrix is the weights, the
// symbols are the activations.
type Words struct {
	MatrixBits int `toml:"matrix_bits"`
	SymbolBits int `toml:"symbol_bits"`
	SampleBits int `toml:"sample_bits"` // of the product, before modulator or converter
	// ComplexProducts is the real multiplications of a complex one: 4, or 3 in
	// Karatsuba's form.
	ComplexProducts int `toml:"complex_products"`
}

// Converter is one data converter; every antenna has two, I and Q. All models
// are evaluated; Model names the one that totals use.
type Converter struct {
	Bits  int    `toml:"bits"`
	Model string `toml:"model"` // fom | binw | exp
	// fom: FOM·2^bits·f_s, plus the output buffer where there is one.
	FOM    Constant `toml:"fom_pj"`
	Buffer Constant `toml:"buffer_mw"`
	// binw: Static·2^bits + Dynamic·bits·f_s.
	Static  Constant `toml:"binw_static_w"`
	Dynamic Constant `toml:"binw_dynamic_pj"`
	// exp: Exp·2^bits.
	Exp Constant `toml:"exp_w"`
}

// Modulator is the spatial Sigma-Delta modulator in hardware.
type Modulator struct {
	Kind string `toml:"kind"` // none | plain | steered | adaptive
	// SteerDeg is the direction without noise of a steered modulator, from broadside,
	// for precoders of several users; that of one user steers to the user.
	SteerDeg float64 `toml:"steer_deg"`
	Order    int     `toml:"order"`
	Levels   int     `toml:"levels"`
	// SubChains cuts the recursion along the antennas into independent ones.
	SubChains int `toml:"sub_chains"`
	// Units are the recursion units, each one stage every CyclesPerStage. One per
	// sub-chain walks the antennas one after the other; as many as antennas are a
	// pipeline of one vector per stage, twice as many two pipelines side by side.
	Units          int     `toml:"units"`
	CyclesPerStage int     `toml:"cycles_per_stage"`
	ClockHz        float64 `toml:"clock_hz"`
	FractionBits   int     `toml:"fraction_bits"` // words are sign, 2 integer bits and these
	// Energies at TechNm of Digital.
	Add      Constant `toml:"add_pj_per_bit"`
	Register Constant `toml:"register_pj_per_bit"`
	Multiply Constant `toml:"multiply_pj"` // real product of a steered stage
}

// RF is the radio-frequency chain of one antenna and what all share.
type RF struct {
	Mixer     Constant `toml:"mixer_mw"`
	VCO       Constant `toml:"vco_mw"`
	PreDriver Constant `toml:"predriver_mw"`
	Antenna   Constant `toml:"antenna_mw"` // anything else of each antenna
	SharedLO  Constant `toml:"shared_lo_mw"`
	Fixed     Constant `toml:"fixed_mw"`
}

// PA is the power amplifiers together.
type PA struct {
	// Model of the efficiency: saturated (constant envelope), doherty (mean over a
	// Rayleigh envelope), class-a, class-b, or fixed.
	Model     string   `toml:"model"`
	Peak      Constant `toml:"peak_efficiency"`
	Fixed     Constant `toml:"fixed_efficiency"`
	BackoffDB float64  `toml:"backoff_db"` // of the mean power below the peak
	RadiatedW float64  `toml:"radiated_w"` // of all antennas
}

// Fronthaul is the link between the baseband unit and the antennas.
type Fronthaul struct {
	Mode   string   `toml:"mode"` // none | antennas (samples of each) | users (symbols; precoded at the array)
	Energy Constant `toml:"energy_pj_per_bit"`
	// RateGbps limits the link; 0 = no limit.
	RateGbps float64 `toml:"rate_gbps"`
}

// Digital is baseband logic outside the accelerator.
type Digital struct {
	TechNm  float64  `toml:"technology_nm"`
	OpPJ    Constant `toml:"op_pj"`    // one real operation
	IFFTOps Constant `toml:"ifft_ops"` // real operations per sample and antenna
}
