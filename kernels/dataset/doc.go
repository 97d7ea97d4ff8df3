// Package dataset loads labelled pictures and renders the shipped set "glyphs".
//
// [Load] takes the name of a set as users write it on the command line:
//
//	glyphs               the shipped set, test split (also glyphs:train, glyphs:calib)
//	cifar10:FILE         CIFAR-10 binary records, plain or gzipped
//	mnist:DIR            IDX files, test split (also mnist:DIR:train)
//	fashion:DIR          the same for Fashion-MNIST
//	images:DIR           DIR/labels.csv (columns file, label), PNG or JPEG pictures in DIR/images
//	npy:FILE             NumPy array [N][H][W][C], or :nchw; labels in FILE without .npy + .labels.npy
//	boxes:DIR            pictures and boxes, YOLO texts or COCO's JSON (also boxes:DIR:SPLIT)
//	lines                shipped: lines of text in the Go fonts (also lines:calib)
//	text:DIR             DIR/labels.csv (columns file, text), pictures in DIR/images
//	tokens:FILE          numbers of the tokens of a text
//	kws:DIR              MLPerf Tiny keyword features, int8 [N][49][10]
//
// Any of them takes a range: "glyphs[:256]", "images:DIR[64:]", and sets of one
// size join with a plus: "cifar10:data_batch_1.bin+cifar10:data_batch_2.bin".
// Relative paths
// that do not exist are also looked up under $BITCYCLE_DATA.
package dataset
