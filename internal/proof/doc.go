// Package proof holds what proves the product and is no part of it. Figures of
// ours stand beside those of papers, peers and other implementations: a [Row]
// is one figure, a [Source] the rows of one origin, a [Claim] one statement of a
// paper. Below it lie the golden vectors, the validation of the cost model, the
// experiments of the papers and the reproductions made of them.
//
// Nothing but the command line imports it; the build tag noproof leaves it out.
package proof
