package pipeline

import (
	"testing"

	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/units"

	"pgregory.net/rapid"
)

// unroll lists every tile of a program in the order in which it runs.
func unroll(p *Program) (tiles []Tile) {
	var walk func(steps []Step)
	walk = func(steps []Step) {
		for at := 0; at < len(steps); {
			s := steps[at]
			next := at + max(1, s.Span)
			for range s.Repeat {
				if s.Span > 0 {
					walk(steps[at+1 : next])
				} else {
					tiles = append(tiles, p.Tiles[s.Lo:s.Hi]...)
				}
			}
			at = next
		}
	}
	walk(p.Steps)
	return tiles
}

// slowly is the rules of the package comment in the plainest words: the end of every
// request and of every compute, tile by tile.
func slowly(tiles []Tile, p Port) (int64, cost.Stalls) {
	rates := [Kinds]float64{p.BytesPerCycle, p.BytesPerCycle, p.BytesPerCycle}
	if p.Split {
		rates = [Kinds]float64{p.WeightRate, p.InputRate, p.OutputRate}
	}
	var free [Kinds]int64
	request := func(kind Kind, bytes, eligible int64) (start, end int64) {
		port := &free[0]
		if p.Split {
			port = &free[kind]
		}
		start = max(*port, eligible)
		end = start + units.Cycles(bytes, rates[kind])
		*port = end
		return start, end
	}
	var parts cost.Stalls
	ends := make([]int64, len(tiles))
	now := int64(0)
	for t, tile := range tiles {
		var eligible int64
		requests := make(map[Kind][2]int64)
		if t >= p.Buffers {
			eligible = ends[t-p.Buffers]
			if out := tiles[t-p.Buffers].Outputs; out > 0 {
				start, end := request(Outputs, out, eligible)
				requests[Outputs] = [2]int64{start, end}
			}
		}
		if tile.Weights > 0 {
			start, end := request(Weights, tile.Weights, eligible)
			requests[Weights] = [2]int64{start, end}
		}
		if tile.Inputs > 0 {
			start, end := request(Inputs, tile.Inputs, eligible)
			requests[Inputs] = [2]int64{start, end}
		}
		begin := now
		for _, r := range requests {
			begin = max(begin, r[1]+p.Latency)
		}
		for cycle := now; cycle < begin; cycle++ {
			on := func(kind Kind) bool {
				r, there := requests[kind]
				return there && r[0] <= cycle && cycle < r[1]
			}
			switch {
			case on(Weights):
				parts.WeightLoad++
			case on(Inputs):
				parts.Input++
			case on(Outputs):
				parts.Output++
			default:
				parts.DRAM++
			}
		}
		parts.Add(tile.Parts)
		now = begin + tile.Cycles
		ends[t] = now
	}
	last, output := now, int64(0)
	for t := max(0, len(tiles)-p.Buffers); t < len(tiles); t++ {
		if out := tiles[t].Outputs; out > 0 {
			start, end := request(Outputs, out, ends[t])
			output += max(0, end-max(start, now))
			last = max(last, end+p.Latency)
		}
	}
	parts.Output += output
	parts.DRAM += last - now - output
	return last, parts
}

// drawProgram draws loops in loops over tiles that seldom differ.
func drawProgram(t *rapid.T) *Program {
	var p Program
	bytes := func(name string) int64 { return int64(rapid.SampledFrom([]int{0, 1, 3, 8, 40, 64, 200}).Draw(t, name)) }
	var body func(depth int)
	body = func(depth int) {
		for range rapid.IntRange(1, 3).Draw(t, "steps") {
			times := int64(rapid.SampledFrom([]int{1, 1, 2, 3, 4, 5, 7, 13, 30}).Draw(t, "times"))
			if depth > 0 && rapid.Bool().Draw(t, "loop") {
				at := p.Open(times)
				body(depth - 1)
				p.Close(at)
				continue
			}
			busy := cost.Stalls{Compute: int64(rapid.IntRange(0, 40).Draw(t, "compute")), Fill: int64(rapid.IntRange(0, 3).Draw(t, "fill"))}
			p.Append(Tile{Weights: bytes("weights"), Inputs: bytes("inputs"), Outputs: bytes("outputs"), Cycles: busy.Total(), Parts: busy}, times)
		}
	}
	body(2)
	return &p
}

func drawPort(t *rapid.T) Port {
	rate := func(name string) float64 { return rapid.SampledFrom([]float64{0.3, 1, 2, 2.5, 8, 64}).Draw(t, name) }
	return Port{
		BytesPerCycle: rate("rate"), Split: rapid.Bool().Draw(t, "split"),
		WeightRate: rate("weights"), InputRate: rate("inputs"), OutputRate: rate("outputs"),
		Latency: int64(rapid.IntRange(0, 30).Draw(t, "latency")), Buffers: rapid.IntRange(1, 5).Draw(t, "buffers"),
	}
}

// TestRunnerSkipsNothingThatCounts holds runs that skip what repeats to the list of all
// tiles, one after the other.
func TestRunnerSkipsNothingThatCounts(t *testing.T) {
	skipped := false
	rapid.Check(t, func(t *rapid.T) {
		p, port := drawProgram(t), drawPort(t)
		tiles := unroll(p)
		if len(tiles) > 5000 {
			t.Skip("too many")
		}
		want, causes := slowly(tiles, port)
		bus := port.Bus()
		run := Runner{Buffers: port.Buffers}
		got, parts := run.Run(p, &bus)
		p.Each(func(tile *Tile, times int64) { parts.Add(tile.Parts.Times(times)) })
		if got != want || parts != causes || parts.Total() != got {
			t.Fatalf("%d %+v, tile by tile %d %+v", got, parts, want, causes)
		}
		if line := Run(tiles, port); line.Cycles != want || line.Parts != causes {
			t.Fatalf("recorded %d %+v, tile by tile %d %+v", line.Cycles, line.Parts, want, causes)
		}
		skipped = skipped || run.steps*2 < len(tiles)
	})
	if !skipped {
		t.Error("no run skipped half of its tiles")
	}
}

// TestRunnerIsMonotone: fewer bytes, faster ports and less latency never take longer.
func TestRunnerIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, port := drawProgram(t), drawPort(t)
		cycles := func() int64 {
			bus := port.Bus()
			run := Runner{Buffers: port.Buffers}
			n, _ := run.Run(p, &bus)
			return n
		}
		before := cycles()
		switch rapid.IntRange(0, 3).Draw(t, "change") {
		case 0:
			tile := &p.Tiles[rapid.IntRange(0, len(p.Tiles)-1).Draw(t, "tile")]
			for _, bytes := range []*int64{&tile.Weights, &tile.Inputs, &tile.Outputs} {
				*bytes = rapid.Int64Range(0, *bytes).Draw(t, "bytes")
			}
		case 1:
			port.BytesPerCycle, port.InputRate = 1.5*port.BytesPerCycle, 2*port.InputRate
		case 2:
			port.WeightRate, port.OutputRate = port.WeightRate+0.1, 3*port.OutputRate
		default:
			port.Latency /= 2
		}
		if after := cycles(); after > before {
			t.Fatalf("%d cycles, then %d", before, after)
		}
	})
}

// TestRunnerTakesTheTimeOfWhatDiffers runs a nest of 10¹⁶ tiles.
func TestRunnerTakesTheTimeOfWhatDiffers(t *testing.T) {
	var p Program
	tile := Tile{Weights: 64, Inputs: 70, Outputs: 8, Cycles: 17, Parts: cost.Stalls{Compute: 17}}
	for range 3 {
		p.Open(1e5)
	}
	p.Append(tile, 3)
	tile.Weights = 0
	p.Append(tile, 7)
	for at := range 3 {
		p.Close(2 - at)
	}
	for _, buffers := range []int{1, 2, 3, 8, 64} {
		bus := (&Port{BytesPerCycle: 8, Latency: 5, Buffers: buffers}).Bus()
		run := Runner{Buffers: buffers}
		cycles, parts := run.Run(&p, &bus)
		p.Each(func(tile *Tile, times int64) { parts.Add(tile.Parts.Times(times)) })
		t.Logf("%d buffers: %d cycles, %d tiles run", buffers, cycles, run.steps)
		if run.steps > 40*buffers*buffers+2000 || parts.Total() != cycles {
			t.Errorf("%d buffers: %d tiles run, %d cycles of %d", buffers, run.steps, parts.Total(), cycles)
		}
	}
}
