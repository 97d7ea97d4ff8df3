package sweep

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// grid is a sweep of some axes over a small workload.
func grid(t *rapid.T, axes []string) *Spec {
	text := "[base]\nmachine = \"gemmini-default\"\nworkload = \"tiny-autoencoder\"\n[axes]\n" + strings.Join(axes, "\n")
	s, err := Parse("grid.toml", []byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return s
}

// Points keep their ids when keys change their order and when axes grow; no two points of
// a sweep share one.
func TestIDsStay(t *testing.T) {
	all := map[string][]string{
		`"array.rows"`: {"8", "16", "32"}, `"memory.bits_per_cycle"`: {"64", "128", "256"},
		`w`: {"2", "4", "8"}, `a`: {"4", "8"}, `batch`: {"1", "4"}, `"vector.lanes"`: {"4", "16"},
	}
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.Permutation([]string{`"array.rows"`, `"memory.bits_per_cycle"`, `w`, `a`, `batch`, `"vector.lanes"`}).Draw(t, "keys")[:rapid.IntRange(1, 4).Draw(t, "axes")]
		var small, large []string
		for _, key := range keys {
			n := rapid.IntRange(1, len(all[key])).Draw(t, "values")
			small = append(small, fmt.Sprintf("%s = [%s]", key, strings.Join(all[key][:n], ", ")))
			large = append(large, fmt.Sprintf("%s = [%s]", key, strings.Join(rapid.Permutation(all[key]).Draw(t, "order"), ", ")))
		}
		before := named(t, grid(t, small))
		turned := named(t, grid(t, rapid.Permutation(small).Draw(t, "turned")))
		grown := named(t, grid(t, large))
		for point, id := range before {
			if turned[point] != id || grown[point] != id {
				t.Fatalf("%s is %v, %v with keys in another order, %v with longer axes", point, id, turned[point], grown[point])
			}
		}
		if len(turned) != len(before) {
			t.Fatalf("%d points, %d in another order", len(before), len(turned))
		}
		seen := map[ID]string{}
		for point, id := range grown {
			if seen[id] != "" {
				t.Fatalf("%s and %s share an id", point, seen[id])
			}
			seen[id] = point
		}
	})
}

// named gives the ids of points by what they say.
func named(t *rapid.T, s *Spec) map[string]ID {
	p, err := s.Plan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]ID{}
	for i := range p.Len() {
		var words []string
		for k, v := range p.Values(i) {
			words = append(words, p.Keys[k]+"="+v)
		}
		slices.Sort(words)
		list[strings.Join(words, " ")] = p.ID(i)
	}
	return list
}

// An argument that a method does not have makes no further points.
func TestArgumentsOfOthersMakeNoPoints(t *testing.T) {
	s, err := Parse("x.toml", []byte("[base]\nmachine = \"gemmini-default\"\nnetwork = \"resnet8-glyphs\"\ndata = \"glyphs[:8]\"\n[axes]\nmethod = [\"uniform\", \"multipoint\"]\nw = [2, 4]\nscale = [\"channel\", \"layer\"]"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range p.Len() {
		got = append(got, strings.Join(p.Values(i), " "))
	}
	want := []string{"uniform 2 channel", "uniform 2 layer", "uniform 4 channel", "uniform 4 layer", "multipoint 2 ", "multipoint 4 "}
	if !slices.Equal(got, want) || p.Quantizations() != len(want) {
		t.Errorf("points %q, want %q; %d quantizations", got, want, p.Quantizations())
	}
}

// changelog are the hashes of what CHANGELOG.md says under Numbers by the versions of the
// models: whoever changes a figure writes it there, raises Model and adds a line here.
var changelog = map[int]string{
	9: "a3f6f17100d73ba3",
}

func TestModelRisesWithTheNumbers(t *testing.T) {
	text, err := os.ReadFile("../../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), "\nNumbers: ")
	if !ok {
		t.Fatal("CHANGELOG.md names no numbers")
	}
	if got := idOf([]byte(after)).String()[:16]; changelog[Model] != got {
		t.Errorf("CHANGELOG.md under Numbers is %s, that of model %d was %q: raise Model, so that no sweep goes on with points of other figures", got, Model, changelog[Model])
	}
}
