// node run.js MODEL INPUT OUTPUT DIMS: runs a model on float32 values.
const fs = require('fs')
const ort = require('onnxruntime-node')

async function main([model, input, output, dims]) {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'disabled', intraOpNumThreads: 1 })
  const bytes = fs.readFileSync(input)
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  const tensor = new ort.Tensor('float32', values, dims.split('x').map(Number))
  const results = await session.run({ [session.inputNames[0]]: tensor })
  const y = results[session.outputNames[0]].data
  fs.writeFileSync(output, Buffer.from(y.buffer, y.byteOffset, y.byteLength))
}

main(process.argv.slice(2)).catch(e => { console.error(String(e)); process.exit(1) })
