package workload

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Every method says of one entry for all what it says of the same entry for each.
func TestOneEntryIsAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		channels := rapid.IntRange(1, 20).Draw(t, "channels")
		width := rapid.Uint8Range(0, MaxBits).Draw(t, "width")
		one, each := Widths{width}, Widths(slices.Repeat([]uint8{width}, channels))
		c := rapid.IntRange(0, channels-1).Draw(t, "channel")
		if one.At(c) != each.At(c) || one.Max() != each.Max() || one.Min() != each.Min() {
			t.Errorf("at %d, max %d, min %d of one; %d, %d, %d of each", one.At(c), one.Max(), one.Min(), each.At(c), each.Max(), each.Min())
		}
		if one.Sum(channels) != each.Sum(channels) || one.Mean(channels) != each.Mean(channels) || one.Active(channels) != each.Active(channels) {
			t.Errorf("sum %d, mean %v, active %d of one; %d, %v, %d of each", one.Sum(channels), one.Mean(channels), one.Active(channels),
				each.Sum(channels), each.Mean(channels), each.Active(channels))
		}
		if got := one.Append(Widths{1}, channels); !slices.Equal(got[1:], each) {
			t.Errorf("expanded to %v, want %v", got[1:], each)
		}
	})
}

func TestWidthsOfChannels(t *testing.T) {
	w := Widths{4, 0, 8, 2}
	if w.At(2) != 8 || w.Max() != 8 || w.Min() != 0 || w.Sum(4) != 14 || w.Mean(4) != 3.5 || w.Active(4) != 3 {
		t.Errorf("at 2 %d, max %d, min %d, sum %d, mean %v, active %d", w.At(2), w.Max(), w.Min(), w.Sum(4), w.Mean(4), w.Active(4))
	}
	if one, many := (Widths{4}).String(), w.String(); one != "4" || many != "[4, 0, 8, 2]" {
		t.Errorf("%s, %s", one, many)
	}
	var none Widths
	if none.Max() != 0 || none.Min() != 0 || none.Mean(0) != 0 || none.String() != "[]" {
		t.Error("no entries")
	}
}

func TestWidthsCheck(t *testing.T) {
	for _, test := range []struct {
		widths   Widths
		channels int
		want     string
	}{
		{Widths{4}, 3, ""},
		{Widths{4, 2, 16}, 3, ""},
		{Widths{4, 2}, 3, "2 entries: must be one for all or one for each of 3 output channels"},
		{Widths{}, 3, "0 entries"},
		{Widths{4, 17, 2}, 3, "must be 0 to 16"},
	} {
		err := test.widths.Check(test.channels)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%v for %d channels: %v, want %q", test.widths, test.channels, err, test.want)
		}
	}
}

func TestWidthsOfFiles(t *testing.T) {
	for _, test := range []struct {
		value any
		want  Widths
	}{
		{int64(4), Widths{4}},
		{[]any{int64(4), int64(0)}, Widths{4, 0}},
		{int64(-1), Widths{255}},
		{[]any{int64(8), int64(272)}, Widths{8, 255}},
	} {
		var got Widths
		if err := got.UnmarshalTOML(test.value); err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%v: %v, %v", test.value, got, err)
		}
	}
	for _, value := range []any{"4", 4.0, []any{int64(4), "4"}, true} {
		if err := new(Widths).UnmarshalTOML(value); err == nil {
			t.Errorf("%v is read", value)
		}
	}
}
