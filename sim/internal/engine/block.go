package engine

import (
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
)

// Block is a piece of a layer's product that the array works through without waiting
// for memory: some sets of output channels, a stretch of the reduction and a number
// of output positions.
type Block struct {
	Layer       *layer.Layer
	Lo, Hi      int   // sets of the schedule
	Chans       int   // reduction channels
	N           int64 // output positions
	Row         int64 // of them in a row of the map; 0: all
	Inputs      int64 // distinct input elements of one channel
	Continued   bool  // adds to sums of an earlier stretch of the reduction
	First, Last bool  // of the layer: the pipeline is empty before, drains after
}

// Whole is the layer in one block.
func Whole(l *layer.Layer) Block {
	return Block{Layer: l, Hi: len(l.Sched.Sets), Chans: l.Chans, N: l.Positions(), Row: int64(l.RowLength()), Inputs: l.Pixels(), First: true, Last: true}
}

func (b *Block) sched() *schedule.Schedule { return &b.Layer.Sched }

// sets are the sets of channels of the block.
func (b *Block) sets() []schedule.Set { return b.Layer.Sched.Sets[b.Lo:b.Hi] }

// channels is the number of channels of the block.
func (b *Block) channels() int64 { return int64(b.sched().Channels(b.Lo, b.Hi)) }

// firsts is the number of channels whose sums begin in the block.
func (b *Block) firsts() int64 {
	if b.Continued {
		return 0
	}
	return b.channels()
}

// reduction is the length of the block's stretch, over all positions of the window.
func (b *Block) reduction() int64 { return int64(b.Chans) * int64(b.Layer.Area) }

// fold returns the reduction length that one fold covers and how often it repeats.
func (b *Block) fold() (k, repeat int64) {
	if b.Layer.Flat {
		return b.reduction(), 1
	}
	return int64(b.Chans), int64(b.Layer.Area)
}
