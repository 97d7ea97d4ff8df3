package sweep

import (
	"math"
	"strings"
	"testing"
)

func TestParseRules(t *testing.T) {
	rules, err := ParseRules("latency_per_image_s>+2%, top1<-0.5pp,area_mm2>0.1")
	if err != nil || len(rules) != 3 {
		t.Fatalf("%v, %v", rules, err)
	}
	for i, want := range []Rule{{latency, true, 2, "%", ""}, {top1, false, 0.5, "pp", ""}, {area, true, 0.1, "", ""}} {
		got := rules[i]
		if got.text = ""; got != want {
			t.Errorf("rule %d is %+v, want %+v", i, got, want)
		}
	}
	for _, text := range []string{"", "top1", "top1<", "top1<0.5pp", "latency_per_image_s>-2%", "speed>1", "top1<-x", "top1<-1e999"} {
		if _, err := ParseRules(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

// tableOf is a table of one axis with given latencies and accuracies.
func tableOf(t *testing.T, points ...string) *Table {
	t.Helper()
	s, err := Parse("x.toml", []byte("[axes]\nw = [2, 3, 4, 5]"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := readTable(s, strings.NewReader("id,w,latency_per_image_s,energy_per_image_pj,top1,on_front,dominated_by,misses,error,note\n"+strings.Join(points, "\n")+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestGate(t *testing.T) {
	id := func(n string) string { return strings.Repeat("0", 31) + n }
	base := tableOf(t, id("1")+",2,1,1,0.9,true,,,,", id("2")+",3,2,1,0.9,true,,,,", id("3")+",4,4,1,0.9,true,,,,")
	now := tableOf(t, id("4")+",2,1.01,1,0.9,true,,,,", id("5")+",3,2.1,1,0.89,true,,,,", id("6")+",5,1,1,1,true,,,,", id("7")+",4,,,,false,,,does not fit,")
	rules, err := ParseRules("latency_per_image_s>+2%,top1<-0.5pp")
	if err != nil {
		t.Fatal(err)
	}
	changes, onlyNew, onlyBase, err := now.Compare(base, rules, nil, nil)
	if err != nil || len(changes) != 6 || onlyNew != 1 || onlyBase != 0 {
		t.Fatalf("%+v, %d, %d, %v", changes, onlyNew, onlyBase, err)
	}
	var failed []string
	for _, c := range changes {
		if c.Failed {
			failed = append(failed, strings.Join(now.Values(c.Point), "")+" "+c.Rule.String()+": "+c.Reason)
		}
	}
	want := []string{"3 latency_per_image_s>+2%: latency_per_image_s>+2%", "3 top1<-0.5pp: top1<-0.5pp", "4 latency_per_image_s>+2%: has no figure now: does not fit", "4 top1<-0.5pp: has no figure now: does not fit"}
	if strings.Join(failed, "\n") != strings.Join(want, "\n") {
		t.Errorf("failed:\n%s\nwant\n%s", strings.Join(failed, "\n"), strings.Join(want, "\n"))
	}
	// With outcomes, a change within chance passes, and one beyond it fails.
	some, fewer := packBits(make([]bool, 800)), make([]bool, 800)
	for i := range 12 {
		fewer[i*7] = true
	}
	outcomes := func(text string) func(ID) string { return func(ID) string { return text } }
	for _, c := range []struct {
		now, before string
		failed      bool
	}{{some, packBits(fewer), true}, {packBits(fewer), packBits(append(fewer[1:], fewer[0])), false}} {
		changes, _, _, err := now.Compare(base, rules[1:], outcomes(c.now), outcomes(c.before))
		if err != nil || changes[1].Failed != c.failed || !(changes[1].Low < changes[1].High) {
			t.Errorf("%+v, %v, want failed %t", changes[1], err, c.failed)
		}
	}
	if by := (Rule{Unit: "%"}).in(0, 0); by != 0 || !math.IsInf((Rule{Unit: "%"}).in(1, 0), 1) {
		t.Errorf("no change of nothing is %v", by)
	}
}
