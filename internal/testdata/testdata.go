// Package testdata finds the golden vectors and the real data sets that tests compare against.
//
// Golden vectors come from $BITCYCLE_GOLDEN, else from shared/golden beside the
// repository; data sets from $BITCYCLE_DATA, else from shared/data beside it.
// A test that needs a file that is not there is skipped with a message;
// under CI=true it fails, so that a green run means the comparison was made.
package testdata

import (
	"os"
	"path/filepath"
	"testing"

	"bitcycle/internal/files"
)

// Golden returns the path of a golden file such as "methods/rff.json".
func Golden(t testing.TB, name string) string {
	t.Helper()
	return locate(t, "BITCYCLE_GOLDEN", "golden", name)
}

// Data returns the path of a file or folder of the real data sets such as "cifar10".
func Data(t testing.TB, name string) string {
	t.Helper()
	return locate(t, "BITCYCLE_DATA", "data", name)
}

func locate(t testing.TB, env, folder, name string) string {
	t.Helper()
	root := files.Shared(env, folder)
	path := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(path); root != "" && err == nil {
		return path
	}
	message := "needs " + folder + "/" + name + ": set " + env + " or place it in ../shared/" + folder
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
	return ""
}
