package sweep

import (
	"os"

	"bitcycle/sim/sweep/store"
)

// Begin writes what a folder is about before the first point: the effective sweep and the
// manifest.
func (p *Plan) Begin(folder *store.Folder, m store.Manifest) error {
	if err := folder.Save(SweepFile, p.Spec.Write); err != nil {
		return err
	}
	m.Finished = ""
	return folder.WriteManifest(m)
}

// Finish writes the results of all points: records in the order of their ids, and the
// table.
func (t *Table) Finish(folder *store.Folder, m store.Manifest) error {
	if err := folder.Sort(); err != nil {
		return err
	}
	if err := folder.Save(ResultsFile, t.WriteCSV); err != nil {
		return err
	}
	m.Finished = store.Now()
	return folder.WriteManifest(m)
}

// Finished tells whether the folder holds the finished results of exactly this plan.
func (p *Plan) Finished(path string) bool {
	m, err := store.ReadManifest(path)
	if err != nil || m.Finished == "" || m.Sweep != p.Hash() {
		return false
	}
	_, err = os.Stat(path + "/" + ResultsFile)
	return err == nil
}
