// Bitcycle evaluates quantized networks and one-bit front ends on modeled
// hardware: latency, energy and error together, per layer and in total.
package main

// The pictures of docs/ are taken of pages in a browser, where there is one.
//go:generate go test -C tools/browser -run Pictures -update ./...

import (
	"os"

	"bitcycle/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdout, os.Stderr))
}
