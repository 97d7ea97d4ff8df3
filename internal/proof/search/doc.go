// Package search compares the searches of quantizers/autoq with each other on the
// machines of sim: policies for several budgets and seeds, measured on images that
// no search has seen.
package search
