// node read.js FILE: writes the columns and rows of a Parquet file as JSON. Numbers are
// exact: whole ones of 64 bits are written as text after an "i", others as JavaScript
// writes them, which reads back to the same bits.
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet'

const file = await asyncBufferFromFile(process.argv[2])
const columns = parquetSchema(await parquetMetadataAsync(file)).children.map(c => c.element.name)
const rows = await parquetReadObjects({ file })
const exact = (_, v) => (typeof v === 'bigint' ? 'i' + v : v)
process.stdout.write(JSON.stringify({ columns, rows: rows.map(r => columns.map(c => r[c] ?? null)) }, exact))
