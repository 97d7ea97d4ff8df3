package mimo

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// Array is the kind of channel.
type Array string

// Uniform linear array, planar array, and independent Rayleigh fading.
const (
	ULA      Array = "ula"
	Planar   Array = "planar"
	Rayleigh Array = "rayleigh"
)

// Scenario is where a link operates: the array, its users and the protocol of the
// simulation.
type Scenario struct {
	Array    Array `toml:"array" json:"array"`
	Antennas int   `toml:"antennas" json:"antennas"`
	// Rows of a planar array; Antennas/Rows antennas each.
	Rows    int     `toml:"rows" json:"rows,omitempty"`
	Spacing float64 `toml:"spacing" json:"spacing"` // antenna spacing over wavelength
	Users   int     `toml:"users" json:"users"`
	// SectorDeg is the half width of the users' sector around broadside, and
	// SeparationDeg the least distance between any two of them, in degrees of
	// azimuth. Elevations are uniform in ±TiltDeg.
	SectorDeg     float64 `toml:"sector_deg" json:"sector_deg"`
	SeparationDeg float64 `toml:"separation_deg" json:"separation_deg"`
	TiltDeg       float64 `toml:"tilt_deg" json:"tilt_deg,omitempty"`
	// AnglesDeg places the users instead of drawing them.
	AnglesDeg []float64 `toml:"angles_deg" json:"angles_deg,omitempty"`
	// PhasesDeg are the phases of their gains instead of random ones.
	PhasesDeg []float64 `toml:"phases_deg" json:"phases_deg,omitempty"`
	// NearM and FarM, if not zero, put users uniformly between these distances;
	// their gain is NearM over distance. Otherwise all gains have magnitude 1.
	NearM float64 `toml:"near_m" json:"near_m,omitempty"`
	FarM  float64 `toml:"far_m" json:"far_m,omitempty"`

	QAM     int `toml:"qam" json:"qam"`         // points of the constellation
	Symbols int `toml:"symbols" json:"symbols"` // T, symbols of a block
	Blocks  int `toml:"blocks" json:"blocks"`   // blocks of a coherence block
	// Power P in W.
	Power float64 `toml:"power" json:"power"`
}

// DefaultScenario is a linear array of 256 antennas at λ/8 with eight 16-QAM users
// in ±30°, at least 4° apart.
func DefaultScenario() Scenario {
	return Scenario{
		Array: ULA, Antennas: 256, Spacing: 0.125, Users: 8, SectorDeg: 30, SeparationDeg: 4,
		QAM: 16, Symbols: 20, Blocks: 4, Power: 1,
	}
}

// Validate reports every impossible value.
func (s Scenario) Validate() error {
	var errs []error
	rule := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	rule(s.Array == ULA || s.Array == Planar || s.Array == Rayleigh, "array = %q: must be ula, planar or rayleigh", s.Array)
	rule(s.Antennas >= 1, "antennas = %d: must be at least 1", s.Antennas)
	rule(s.Users >= 1 && s.Users <= s.Antennas, "users = %d: must be 1 to the number of antennas", s.Users)
	rule(s.Array != Planar || s.Rows >= 1 && s.Antennas%s.Rows == 0, "rows = %d: must divide the number of antennas", s.Rows)
	rule(s.Array == Rayleigh || s.Spacing > 0, "spacing = %g: must be positive", s.Spacing)
	rule(s.Array == Rayleigh || s.SectorDeg >= 0 && s.SectorDeg <= 90, "sector_deg = %g: must be 0 to 90", s.SectorDeg)
	rule(s.SeparationDeg >= 0, "separation_deg = %g: must not be negative", s.SeparationDeg)
	rule(s.Array == Rayleigh || s.AnglesDeg != nil || float64(s.Users-1)*s.SeparationDeg <= 2*s.SectorDeg,
		"separation_deg = %g: %d users do not fit into ±%g°", s.SeparationDeg, s.Users, s.SectorDeg)
	rule(s.AnglesDeg == nil || len(s.AnglesDeg) == s.Users, "angles_deg: %d angles for %d users", len(s.AnglesDeg), s.Users)
	rule(s.PhasesDeg == nil || len(s.PhasesDeg) == s.Users, "phases_deg: %d phases for %d users", len(s.PhasesDeg), s.Users)
	rule(s.NearM == 0 && s.FarM == 0 || s.NearM > 0 && s.FarM >= s.NearM, "near_m = %g, far_m = %g: must be positive and in order", s.NearM, s.FarM)
	rule(s.Symbols >= 1, "symbols = %d: must be at least 1", s.Symbols)
	rule(s.Blocks >= 1, "blocks = %d: must be at least 1", s.Blocks)
	rule(s.Power > 0, "power = %g: must be positive", s.Power)
	_, err := QAMOf(s.QAM)
	return errors.Join(append(errs, err)...)
}

// Draw draws the channel of one coherence block.
func (s Scenario) Draw(r *rand.Rand) *Channel {
	if s.Array == Rayleigh {
		return NewRayleigh(s.Users, s.Antennas, r)
	}
	users := s.place(r)
	if s.Array == Planar {
		return NewPlanar(users, s.Rows, s.Antennas/s.Rows, s.Spacing)
	}
	return NewULA(users, s.Antennas, s.Spacing)
}

// place draws the users.
func (s Scenario) place(r *rand.Rand) []User {
	angles := s.AnglesDeg
	if angles == nil {
		angles = Angles(s.Users, -s.SectorDeg, s.SectorDeg, s.SeparationDeg, r)
	}
	const degree = math.Pi / 180
	users := make([]User, s.Users)
	for i := range users {
		gain := 1.0
		if s.FarM > 0 {
			gain = s.NearM / (s.NearM + (s.FarM-s.NearM)*r.Float64())
		}
		turn := 2 * math.Pi * r.Float64()
		if s.PhasesDeg != nil {
			turn = s.PhasesDeg[i] * degree
		}
		users[i] = User{Azimuth: angles[i] * degree, Gain: complex(gain, 0) * phase(turn)}
		if s.TiltDeg > 0 {
			users[i].Elevation = s.TiltDeg * degree * (2*r.Float64() - 1)
		}
	}
	return users
}
