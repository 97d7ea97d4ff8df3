package stepped

import "testing"

// TestBricksComposeEveryProduct multiplies all pairs of operands that fit, with
// every other element of the unit at an extreme.
func TestBricksComposeEveryProduct(t *testing.T) {
	for _, weightBits := range []int{2, 4, 8} {
		for _, actBits := range []int{2, 4, 8} {
			for _, signed := range [][2]bool{{true, true}, {true, false}, {false, true}, {false, false}} {
				checkBricks(t, weightBits, actBits, signed)
			}
		}
	}
}

func checkBricks(t *testing.T, weightBits, actBits int, signed [2]bool) {
	pack := 8 / weightBits * (8 / actBits)
	mix, err := compose(weightBits/2, actBits/2, pack)
	if err != nil {
		t.Fatalf("%d×%d: %v", weightBits, actBits, err)
	}
	low := func(bits int, signed bool) int32 {
		if signed {
			return -1 << (bits - 1)
		}
		return 0
	}
	w0, a0 := low(weightBits, signed[0]), low(actBits, signed[1])
	for w := w0; w < w0+1<<weightBits; w++ {
		for a := a0; a < a0+1<<actBits; a++ {
			var want int64
			var weights, acts [bricks]int8
			for b, e := range mix.element {
				ew, ea := w, a
				if e%2 == 1 {
					ew, ea = w0, a0
				}
				weights[b] = digit(ew, int(mix.weight[b]), weightBits/2, signed[0])
				acts[b] = digit(ea, int(mix.act[b]), actBits/2, signed[1])
			}
			for e := range pack {
				if e%2 == 1 {
					want += int64(w0) * int64(a0)
				} else {
					want += int64(w) * int64(a)
				}
			}
			if got := mix.recipe.unit(&weights, &acts); got != want {
				t.Fatalf("%d-bit %d × %d-bit %d: %d, want %d", weightBits, w, actBits, a, got, want)
			}
		}
	}
}

func TestBricksUseTheWholeUnit(t *testing.T) {
	for _, c := range []struct{ weight, act, pack int }{{1, 1, 16}, {1, 4, 4}, {2, 2, 4}, {4, 1, 4}, {4, 2, 2}, {4, 4, 1}} {
		mix, err := compose(c.weight, c.act, c.pack)
		if err != nil {
			t.Fatal(err)
		}
		used := map[[3]int8]bool{}
		for b, e := range mix.element {
			if e >= 0 {
				used[[3]int8{e, mix.weight[b], mix.act[b]}] = true
			}
		}
		if len(used) != bricks {
			t.Errorf("%+v: %d different digit products on %d bricks", c, len(used), bricks)
		}
	}
	for _, c := range []struct{ weight, act, pack int }{{3, 1, 1}, {4, 8, 1}, {2, 2, 5}, {0, 1, 1}} {
		if _, err := compose(c.weight, c.act, c.pack); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
