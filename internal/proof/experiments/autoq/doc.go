// Package autoq compares the searches of quantizers/autoq with each other. Each finds
// policies for several budgets and from several seeds. The machines of sim price the
// policies, and images that no search has seen measure them.
package autoq
