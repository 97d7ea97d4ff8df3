//go:build !noproof

package cli

// proofCommands are the commands of the proof wing: they test the product and
// are no part of it. The tag noproof builds a program without them.
type proofCommands struct {
	Reproduce reproduceCmd `cmd:"" help:"A paper's headline beside ours: autoq, bcgd, lplr, mimo, multipoint or rff."`
	Validate  validateCmd  `cmd:"" help:"Compare the models with golden and published numbers."`
}
