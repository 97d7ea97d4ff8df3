// Fusion unit of 16 bricks: a brick multiplies two 2-bit digits; four bricks make
// a quad and four quads the unit, each by shift and add. A mode of 0, 1 or 2 says
// that an operand has 2, 4 or 8 bits. Words hold 16/(digits of both) elements, the
// first in the lowest bits.

module brick (
    input  [1:0] weight, act,
    input        weight_sign, act_sign, // the digit is the top one of a signed operand
    output signed [5:0] product
);
    wire signed [2:0] w = {weight_sign & weight[1], weight};
    wire signed [2:0] a = {act_sign & act[1], act};
    assign product = w * a;
endmodule

// router picks the digit of a word that a brick with coordinates (outer, inner)
// works on: coordinates that no digit needs number the elements.
module router (
    input  [1:0] mode,
    input        outer, inner,
    output [1:0] digit, element,
    output       top
);
    assign digit   = mode == 2 ? {outer, inner} : mode == 1 ? {1'b0, inner} : 2'd0;
    assign element = mode == 2 ? 2'd0 : mode == 1 ? {1'b0, outer} : {outer, inner};
    assign top     = digit == (2'd3 >> (2 - mode));
endmodule

module fusion (
    input             clk,
    input      [31:0] weights, acts,
    input      [1:0]  weight_mode, act_mode,
    input             weight_signed, act_signed,
    input      signed [31:0] sum_above,
    output reg signed [31:0] sum
);
    wire signed [5:0]  product [0:15];
    wire signed [15:0] quad [0:3];
    wire [3:0] weight_shift = weight_mode == 0 ? 0 : 2, act_shift = act_mode == 0 ? 0 : 2;
    wire [3:0] quad_weight_shift = weight_mode == 2 ? 4 : 0, quad_act_shift = act_mode == 2 ? 4 : 0;
    genvar b, q;
    generate
        for (b = 0; b < 16; b = b + 1) begin : bricks
            wire [1:0] weight_digit, act_digit, weight_element, act_element;
            wire weight_top, act_top;
            router route_weight (weight_mode, (b & 8) != 0, (b & 2) != 0, weight_digit, weight_element, weight_top);
            router route_act (act_mode, (b & 4) != 0, (b & 1) != 0, act_digit, act_element, act_top);
            wire [3:0] element = (weight_element << (2 - act_mode)) + act_element;
            wire [3:0] weight_at = (element << weight_mode) + weight_digit;
            wire [3:0] act_at = (element << act_mode) + act_digit;
            brick brick (
                weights[2*weight_at +: 2], acts[2*act_at +: 2],
                weight_signed & weight_top, act_signed & act_top, product[b]
            );
        end
        for (q = 0; q < 4; q = q + 1) begin : quads
            wire signed [15:0] b00 = product[4*q], b01 = product[4*q+1], b10 = product[4*q+2], b11 = product[4*q+3];
            assign quad[q] = b00 + (b01 <<< act_shift) + ((b10 + (b11 <<< act_shift)) <<< weight_shift);
        end
    endgenerate
    wire signed [31:0] q00 = quad[0], q01 = quad[1], q10 = quad[2], q11 = quad[3];
    initial sum = 0;
    always @(posedge clk)
        sum <= sum_above + q00 + (q01 <<< quad_act_shift)
            + ((q10 + (q11 <<< quad_act_shift)) <<< quad_weight_shift);
endmodule
