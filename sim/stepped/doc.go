// Package stepped is the slow twin of the fast machine: it moves real integers
// through the array, processing element by processing element and cycle by
// cycle, and counts the cycles that this takes. It has no closed forms, so it
// proves those of the fast one, and its outputs are those of the plain product.
//
// It has systolic arrays (weight, output and input stationary, after Samajdar
// et al., "A Systematic Methodology for Characterizing Scalability of DNN
// Accelerators using SCALE-Sim", ISPASS 2020), bit-serial dot-product arrays
// (BISMO: Umuroglu, Rasnayake and Själander, FPL 2018), fusion arrays of 2-bit
// bricks (Sharma et al., "Bit Fusion", ISCA 2018) and the units of Sigma-Delta
// recursions. Other engines, and the memory around the array, have no twin.
package stepped
