package silicon

// What the rows of MLPerf Tiny include, and what remains of the differences.
const (
	tinyIncludes = `Results that submitters measured in four rounds (mlcommons/tiny_results_v1.0 to v1.3): the median rate of inferences of batch 1 with the input in memory as
int8, without features and transfers, as cycles of the performance clock; and energy per inference at the board's supply, the whole device. The reference
networks: an autoencoder (ad, 264 192 MACs) and DS-CNN (kws, 2 656 768) in the half that ships, ResNet-8 (ic) and MobileNet 0.25 (vww) in the other.
A machine names its library: the same core differs three times between them.

GAP9: NE16 by its published closed form, tiles between L1 and L2 searched by us; fitted are the cycles that set up a job (700), the power of the device whatever
it does (36.25 mW at 370 MHz and .8 V) and the energy of a multiply-accumulate (4.8 pJ), which scale with clock and the square of the voltage.
fpgaConvNet: the folding of each layer is the submission's, a layer starts with its first window; nothing is fitted.`
	tinyUnexplained = `GAP9: keyword spotting is 15 % too fast. Its first layer, 10×4, is none of NE16's modes and is taken to run on the cores; the tiles and the layouts of
the vendor's tool are not public. fpgaConvNet: on the ZedBoard 8 000 cycles beyond the pipeline, the ZyBo as if its fabric ran at 143 MHz, not the 125 that
its submission states, which would put it at 1 %.`
)
