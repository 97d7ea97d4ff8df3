package mimo

import (
	"math"
	"math/cmplx"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestAnglesKeepTheirDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 12).Draw(t, "k")
		separation := rapid.Float64Range(0, 60/float64(k)).Draw(t, "separation")
		angles := Angles(k, -30, 30, separation, drawStream(t))
		slices.Sort(angles)
		for i, a := range angles {
			if a < -30-1e-9 || a > 30+1e-9 || i > 0 && a-angles[i-1] < separation-1e-9 {
				t.Fatalf("angles %v, separation %v", angles, separation)
			}
		}
	})
}

func TestAnglesAreUniformUnderTheCondition(t *testing.T) {
	// Against rejection: the mean of the smallest angle of 3 users, 10° apart.
	r := Stream(3, 0, 0)
	smallest := func(draw func() []float64) float64 {
		var sum float64
		for range 4000 {
			sum += slices.Min(draw()) / 4000
		}
		return sum
	}
	direct := smallest(func() []float64 { return Angles(3, -30, 30, 10, r) })
	rejected := smallest(func() []float64 {
		for {
			a := []float64{60*r.Float64() - 30, 60*r.Float64() - 30, 60*r.Float64() - 30}
			slices.Sort(a)
			if a[1]-a[0] >= 10 && a[2]-a[1] >= 10 {
				return a
			}
		}
	})
	if math.Abs(direct-rejected) > 0.8 {
		t.Errorf("mean smallest angle %v, by rejection %v", direct, rejected)
	}
}

func TestPlanarArrayOfOneRowIsLinear(t *testing.T) {
	users := []User{{Azimuth: 0.3, Gain: 2i}, {Azimuth: -0.1, Gain: 1}}
	flat, line := NewPlanar(users, 1, 16, 0.2), NewULA(users, 16, 0.2)
	for i := range 2 {
		for n := range 16 {
			if cmplx.Abs(flat.H.At(i, n)-line.H.At(i, n)) > 1e-12 {
				t.Fatalf("antenna %d of user %d: %v and %v", n, i, flat.H.At(i, n), line.H.At(i, n))
			}
		}
	}
	tilted := NewPlanar([]User{{Azimuth: 0.3, Elevation: 0.2, Gain: 1}}, 4, 8, 0.5)
	across, up := 2*math.Pi*0.5*math.Sin(0.3)*math.Cos(0.2), 2*math.Pi*0.5*math.Sin(0.2)
	if want := cmplx.Rect(1, -5*across-2*up); cmplx.Abs(tilted.H.At(0, 2*8+5)-want) > 1e-12 {
		t.Errorf("antenna (2, 5): %v, want %v", tilted.H.At(0, 21), want)
	}
}

func TestRayleighHasUnitVariance(t *testing.T) {
	ch := NewRayleigh(8, 2000, Stream(4, 0, 0))
	if v := ch.H.Energy() / 16000; math.Abs(v-1) > 0.04 {
		t.Errorf("variance %v", v)
	}
	for i := range 8 {
		for n := range 2000 {
			if ch.HH.At(n, i) != cmplx.Conj(ch.H.At(i, n)) {
				t.Fatal("HH is not the conjugate transpose")
			}
		}
	}
}

func TestRightInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 12).Draw(t, "k")
		ch := NewRayleigh(k, k+rapid.IntRange(4, 40).Draw(t, "more"), drawStream(t))
		var w, product Matrix
		if err := RightInverse(&w, ch, 0); err != nil {
			t.Fatal(err)
		}
		Mul(&product, ch.H, &w)
		for i := range k {
			for j := range k {
				want := complex(0, 0)
				if i == j {
					want = 1
				}
				if cmplx.Abs(product.At(i, j)-want) > 1e-9 {
					t.Fatalf("H·W[%d][%d] = %v", i, j, product.At(i, j))
				}
			}
		}
	})
	same := NewULA([]User{{Azimuth: 0.1, Gain: 1}, {Azimuth: 0.1, Gain: 2}}, 8, 0.5)
	if err := RightInverse(&Matrix{}, same, 0); err != ErrDependent {
		t.Errorf("two users at one angle: %v", err)
	}
}

func TestScenarioValidate(t *testing.T) {
	if err := DefaultScenario().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Scenario){
		"array":      func(s *Scenario) { s.Array = "ring" },
		"antennas":   func(s *Scenario) { s.Antennas = 0 },
		"users":      func(s *Scenario) { s.Users = 300 },
		"rows":       func(s *Scenario) { s.Array, s.Rows = Planar, 7 },
		"spacing":    func(s *Scenario) { s.Spacing = 0 },
		"sector":     func(s *Scenario) { s.SectorDeg = 91 },
		"separation": func(s *Scenario) { s.SeparationDeg = 20 },
		"angles":     func(s *Scenario) { s.AnglesDeg = []float64{1} },
		"phases":     func(s *Scenario) { s.PhasesDeg = []float64{1} },
		"distances":  func(s *Scenario) { s.NearM, s.FarM = 10, 5 },
		"qam":        func(s *Scenario) { s.QAM = 8 },
		"symbols":    func(s *Scenario) { s.Symbols = 0 },
		"blocks":     func(s *Scenario) { s.Blocks = 0 },
		"power":      func(s *Scenario) { s.Power = 0 },
		"negative":   func(s *Scenario) { s.SeparationDeg = -1 },
	} {
		s := DefaultScenario()
		change(&s)
		if s.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestScenarioDraws(t *testing.T) {
	s := DefaultScenario()
	s.Array, s.Rows, s.TiltDeg, s.NearM, s.FarM = Planar, 8, 10, 30, 100
	ch := s.Draw(Stream(1, 2, 3))
	if ch.H.Rows != 8 || ch.H.Cols != 256 || len(ch.Users) != 8 {
		t.Fatalf("%d × %d, %d users", ch.H.Rows, ch.H.Cols, len(ch.Users))
	}
	for _, u := range ch.Users {
		if g := cmplx.Abs(u.Gain); g < 0.3-1e-9 || g > 1+1e-9 {
			t.Errorf("gain %v", g)
		}
		if math.Abs(u.Elevation) > 10*math.Pi/180 || u.Elevation == 0 {
			t.Errorf("elevation %v", u.Elevation)
		}
	}
	s.Array = Rayleigh
	if ch := s.Draw(Stream(1, 2, 3)); ch.Users != nil {
		t.Error("a Rayleigh channel has angles")
	}
}
