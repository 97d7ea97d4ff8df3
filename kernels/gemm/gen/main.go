// Command gen writes the assembly of package gemm. Run it through go generate; its argument names the
// family of functions to write.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/build"
)

var families = map[string]func(){
	"tiles":      tiles,
	"depthwise":  depthwises,
	"elementary": elementary,
	"bits":       bitTiles,
	"epilogue":   epilogues,
	"peak":       peaks,
}

func main() {
	flag.Parse()
	family, ok := families[flag.Arg(0)]
	if !ok {
		fmt.Fprintf(os.Stderr, "gen: no family %q\n", flag.Arg(0))
		os.Exit(2)
	}
	build.ConstraintExpr("!noasm")
	family()
	build.Generate()
}
