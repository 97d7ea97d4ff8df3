package methodtest

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// unknown: every argument that the method does not know is named in one error.
func (s Suite) unknown(t *testing.T) {
	m, err := s.Parse(s.method()+":nosuch=1,neither=2", 1, 1)
	if err == nil || m != nil {
		t.Fatalf("it takes the arguments nosuch and neither, error %v", err)
	}
	for _, key := range []string{"nosuch", "neither"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("error %q does not name %s", err, key)
		}
	}
	if text := strings.TrimPrefix(s.Spec, s.method()+":"); strings.Contains(text, "=") && len(s.keys()) == 0 {
		t.Errorf("error %q does not say which arguments there are", err)
	}
}

// method is the name of the method without its arguments.
func (s Suite) method() string {
	name, _, _ := strings.Cut(s.Spec, ":")
	return name
}

var allowed = regexp.MustCompile(`(?m): want ([a-z0-9, ]+)$`)

// keys are the arguments that the method says it knows.
func (s Suite) keys() []string {
	_, err := s.Parse(s.method()+":nosuch=1", 1, 1)
	if err == nil {
		return nil
	}
	if found := allowed.FindStringSubmatch(err.Error()); found != nil {
		return strings.Split(found[1], ", ")
	}
	return nil
}

// any: whatever is written behind its name is a method that goes by that name, or an
// error.
func (s Suite) any(t *testing.T) {
	key := rapid.SampledFrom(append(s.keys(), "", "nosuch", "w", "algo"))
	value := rapid.OneOf(
		rapid.SampledFrom([]string{"0", "1", "2", "-1", "8", "17", "0.5", "NaN", "-Inf", "1e999", "true", "layer", "none", "", "=", "ü", "9223372036854775808"}),
		rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for range rapid.IntRange(0, 4).Draw(t, "arguments") {
			parts = append(parts, key.Draw(t, "key")+rapid.SampledFrom([]string{"=", "=", "=", ""}).Draw(t, "sign")+value.Draw(t, "value"))
		}
		spec := s.method() + ":" + strings.Join(parts, ",")
		m, err := s.Parse(spec, 1, 1)
		switch {
		case err == nil && (m == nil || m.Name() != spec):
			t.Fatalf("%q is read as %v", spec, m)
		case err != nil && m != nil:
			t.Fatalf("%q: a method and an error, %v", spec, err)
		case err != nil && err.Error() == "":
			t.Fatalf("%q: an error that says nothing", spec)
		}
	})
}
