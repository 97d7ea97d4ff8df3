package sweep

import "testing"

// No setting of a shipped sweep is one that its machines refuse, and those of costs alone
// have figures at every point.
func TestShippedSweepsHaveNoHoles(t *testing.T) {
	for _, shipped := range List() {
		s, err := Load(shipped.Name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Plan(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		e := p.NewEvaluator()
		for i := range p.Len() {
			e.open(i)
			if p.kind == radio {
				break // its front ends are made and checked by the plan
			}
			if _, err := e.machine(); err != nil {
				t.Errorf("%s, %v: %v", s.Name, p.Values(i), err)
				break
			}
			if p.kind != costs {
				continue
			}
			if r, err := e.evaluate(t.Context(), i); err != nil || r.Error != "" {
				t.Errorf("%s, %v: %v %s", s.Name, p.Values(i), err, r.Error)
				break
			}
		}
	}
}
