package proof

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"bitcycle/reports"
)

// Claims about numbers have numbers in JSON and files, others keep their words; both are
// read back as they were.
func TestClaimsAreNumbers(t *testing.T) {
	claims := []Claim{
		{Text: "less", Paper: "15 % less", Ours: "12.5 % less", CI95: &[2]float64{0.1, 0.15}, Holds: true, Note: "n"},
		{Text: "order", Paper: "a, b", Ours: "b, a"},
		{Text: "ours alone", Paper: "-", Ours: "3 times"},
		{Text: "theirs alone", Paper: "64.36 %", Ours: "not reproduced"},
	}
	claims[0] = claims[0].As("fraction", 0.15, 0.125)
	claims[2] = claims[2].As("times", math.NaN(), 3)
	claims[3] = claims[3].As("fraction", 0.6436, math.NaN())
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"paper":0.15,"ours":0.125,"unit":"fraction","paper_text":"15 % less","ours_text":"12.5 % less","ci95":[0.1,0.15],"holds":true`,
		`"paper":"a, b","ours":"b, a","ci95":null`, `"paper":null,"ours":3,"unit":"times"`, `"paper":0.6436,"ours":"not reproduced"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	var again []Claim
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	for i := range claims {
		got, want := again[i], claims[i]
		if (got.Figures == nil) != (want.Figures == nil) || got.Text != want.Text || got.Paper != want.Paper || got.Ours != want.Ours || !reflect.DeepEqual(got.CI95, want.CI95) {
			t.Errorf("%+v, was %+v", got, want)
		}
	}
	if again[0].Figures.Ours != 0.125 || !math.IsNaN(again[2].Figures.Paper) {
		t.Errorf("%+v %+v", again[0].Figures, again[2].Figures)
	}
	var csv strings.Builder
	if err := (&reports.Document{Tables: []*reports.Table{ClaimTable(claims)}}).Write(&csv, reports.Style{Format: "csv"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(csv.String(), "\nless,0.15,0.125,fraction,0.1,0.15,true,15 % less,") || !strings.Contains(csv.String(), "\norder,\"a, b\",\"b, a\",,,,false,") {
		t.Error(csv.String())
	}
}

// Bars of rows are read as they are written.
func TestWindowsAreReadBack(t *testing.T) {
	for _, w := range []*Window{Within(2, 0.5), Within(3, 0), AtMost(1), AtLeast(-4.25)} {
		text, _ := w.MarshalText()
		var again Window
		if err := again.UnmarshalText(text); err != nil || again != *w {
			t.Errorf("%s: %v, %v", text, again, err)
		}
	}
	if new(Window).UnmarshalText([]byte("about 3")) == nil {
		t.Error("a window of words")
	}
}
