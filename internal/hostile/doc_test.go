//go:build hostile && unix

// Package hostile holds tests that treat the built program badly: files of which bits and
// lengths are wrong, too little memory, too little disk, a kill at any moment. They take
// minutes and run with
//
//	go test -tags hostile ./internal/hostile -timeout 2h -v
//
// which prints how many inputs each reader was given and how they ended.
package hostile
